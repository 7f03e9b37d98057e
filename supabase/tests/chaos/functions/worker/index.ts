/** The worker of the project, with job types that tell of their attempts, and a clock to set. */
import { serveWorker } from "../../../../functions/worker/serve.ts";
import { chaosHandlers } from "./job_types.ts";

const skewMs = Number(Deno.env.get("CHAOS_CLOCK_SKEW_MS") ?? 0);
if (skewMs !== 0) {
  const now = Date.now;
  Date.now = () => now() + skewMs;
}

serveWorker({ handlers: chaosHandlers(Deno.env.get("CHAOS_RECEIVER")!) });
