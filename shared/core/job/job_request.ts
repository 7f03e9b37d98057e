import * as z from "zod";
import { JobForgeError, type PayloadIssue } from "../errors.ts";
import { RESOURCE_NAME, TYPE_NAME } from "./names.ts";
import { describeIssues, issuesOf } from "./payload.ts";

/** Maximum number of jobs in one batch. */
export const MAX_BATCH_JOBS = 1_000;

const jobFields = {
  type: z.string().regex(TYPE_NAME),
  payload: z.unknown().optional(),
  idempotency_key: z.string().min(1).max(200).optional(),
  idempotency_ttl_seconds: z.int().min(1).max(31_622_400).optional(),
  run_at: z.iso.datetime({ offset: true }).optional(),
  priority: z.int().min(-100).max(100).optional(),
  queue: z.string().regex(RESOURCE_NAME).optional(),
  max_attempts: z.int().min(1).max(1_000).optional(),
  timeout_ms: z.int().min(100).max(86_400_000).optional(),
};

// guid, not uuid: Postgres accepts UUIDs of any version as a tenant.
const tenantId = z.guid().optional();
const oneJob = z.strictObject({ ...jobFields, tenant_id: tenantId });
const manyJobs = z.strictObject({
  jobs: z.array(z.strictObject(jobFields)).min(1).max(MAX_BATCH_JOBS),
  tenant_id: tenantId,
});

/** One job of a request. An undefined `payload` is the empty object. */
export interface JobRequest {
  type: string;
  payload?: unknown;
  idempotency_key?: string | undefined;
  idempotency_ttl_seconds?: number | undefined;
  /** ISO 8601 with an offset. */
  run_at?: string | undefined;
  priority?: number | undefined;
  queue?: string | undefined;
  max_attempts?: number | undefined;
  timeout_ms?: number | undefined;
}

/** The parsed body of POST /enqueue. */
export type EnqueueRequest =
  | { kind: "one"; tenantId: string | undefined; job: JobRequest }
  | { kind: "many"; tenantId: string | undefined; jobs: JobRequest[] };

/**
 * Reads the body of POST /enqueue: one job, or `{jobs: [...]}`. Throws `invalid_argument` with the
 * invalid paths. Unknown members are rejected.
 */
export function parseEnqueueBody(body: unknown): EnqueueRequest {
  const isBatch = typeof body === "object" && body !== null && "jobs" in body;
  const parsed = isBatch ? manyJobs.safeParse(body) : oneJob.safeParse(body);
  if (!parsed.success) throw invalidRequest(issuesOf(parsed.error, body));
  const { tenant_id, ...rest } = parsed.data;
  return "jobs" in rest
    ? { kind: "many", tenantId: tenant_id, jobs: rest.jobs }
    : { kind: "one", tenantId: tenant_id, job: rest };
}

/** Returns the error of an invalid request. */
export function invalidRequest(issues: PayloadIssue[]): JobForgeError {
  const message = `the request does not fit: ${describeIssues(issues)}`;
  return new JobForgeError("invalid_argument", message, { issues });
}
