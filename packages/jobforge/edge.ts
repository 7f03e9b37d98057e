/** What the three Edge Functions serve. The only entry that needs Deno. */
export { type EnqueueOptions, serveEnqueue } from "../../supabase/functions/enqueue/serve.ts";
export { serveWebhooks } from "../../supabase/functions/webhook-verify/serve.ts";
export { serveWorker, type WorkerOptions } from "../../supabase/functions/worker/serve.ts";
