import type { Context } from "hono";
import * as z from "zod";
import { writeJson } from "../../../shared/core/encoding/exact_json.ts";
import { JobForgeError } from "../../../shared/core/errors.ts";
import { invalidRequest } from "../../../shared/core/job/job_request.ts";
import { isTerminal } from "../../../shared/core/job/job_row.ts";
import { issuesOf } from "../../../shared/core/job/payload.ts";
import { pollUntil } from "../../../shared/core/job/poll.ts";
import type { EnqueueDeps } from "./ports.ts";
import { credentialOf, requireTenant } from "./enqueue_jobs.ts";

/** Longest wait in seconds, well below the timeout of every gateway. */
const MAX_WAIT_SECONDS = 25;
const POLLING = { firstDelayMs: 200, maxDelayMs: 1_000 };

const jobQuery = z.strictObject({
  id: z.guid(),
  tenant_id: z.guid().optional(),
  wait: z.string().regex(/^\d{1,2}$/).transform(Number).pipe(z.int().max(MAX_WAIT_SECONDS))
    .optional(),
});

/**
 * GET /enqueue/:id: `{job, result}` under the caller's rights. `result` is null until the job
 * has succeeded. With `?wait=` seconds it answers when the job has ended or the wait is over.
 */
export async function showJob(c: Context, deps: EnqueueDeps): Promise<Response> {
  const credential = credentialOf(c);
  const query = { ...c.req.query(), id: c.req.param("id") };
  const parsed = jobQuery.safeParse(query);
  if (!parsed.success) throw invalidRequest(issuesOf(parsed.error, query));
  const { id, tenant_id, wait = 0 } = parsed.data;
  requireTenant(credential, tenant_id);
  // Only a caller that waits can leave early.
  const signal = wait > 0 ? c.req.raw.signal : undefined;
  const jobs = deps.jobsOf(credential, tenant_id, signal);
  const job = await pollUntil(
    () => jobs.findJob(id),
    (found) => found === undefined || isTerminal(found.status),
    { ...POLLING, timeoutMs: wait * 1_000, now: deps.now, sleep: deps.sleep },
  );
  if (!job) {
    throw new JobForgeError("not_found", "there is no such job, or it belongs to another tenant");
  }
  const { result, ...row } = job;
  return c.body(writeJson({ job: row, result }), 200, { "content-type": "application/json" });
}
