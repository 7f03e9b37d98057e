import { PostgrestClient } from "@supabase/postgrest-js";
import { defineJob, handle, type JobContext, type JobHandler, RetryError } from "jobforge";
import { createJobForge, JobForgeError } from "jobforge/client";
import * as z from "zod";

const TENANT = "11111111-1111-4111-8111-111111111111";

const helloSay = defineJob({
  type: "hello.say",
  payload: z.object({ name: z.string() }),
  result: z.object({ greeting: z.string() }),
});
export const handler: JobHandler = handle(helloSay, async ({ name }, ctx: JobContext) => {
  if (ctx.attempt > 3) throw new RetryError("later", { afterMs: 1_000 });
  return { greeting: name };
});

// supabase-js needs a newer Node. Its REST client is enough.
const api = new PostgrestClient(process.env["SUPABASE_URL"] + "/rest/v1", {
  headers: { apikey: process.env["SUPABASE_SECRET_KEY"]! },
});
const jobforge = createJobForge(api, { definitions: [helloSay], tenantId: TENANT });
// @ts-expect-error: a name must be a text
const refused: unknown = await jobforge.enqueueJob("hello.say", { name: 1 }).catch((e) => e);
if (!(refused instanceof JobForgeError) || refused.code !== "invalid_payload") throw refused;
const job = await jobforge.enqueueJob("hello.say", { name: "Node" });
const ended = await jobforge.waitForJob(job, { timeoutMs: 30_000 });
const greeting: string | undefined = ended.status === "succeeded"
  ? ended.result.greeting
  : undefined;
console.log(ended.status, greeting);
