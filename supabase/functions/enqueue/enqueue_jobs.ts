import type { Context } from "hono";
import type { EnqueueReply } from "../../../shared/adapters/data_api/job_api.ts";
import { readJson, requireJsonType } from "../../../shared/adapters/http/body.ts";
import { JobForgeError } from "../../../shared/core/errors.ts";
import { type Credential, readCredential } from "../../../shared/core/http/credential.ts";
import { acceptTrace, formatTraceparent } from "../../../shared/core/http/traceparent.ts";
import { agreeOnKey, parseIdempotencyKey } from "../../../shared/core/job/idempotency_key.ts";
import { type JobRequest, parseEnqueueBody } from "../../../shared/core/job/job_request.ts";
import { checkJob } from "../../../shared/core/job/payload.ts";
import type { EnqueueDeps } from "./ports.ts";

/** Largest body of a batch, in bytes. The database checks that one payload has at most 256 KiB. */
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * POST /enqueue: 202 with `{job_id, status, duplicate}`, or `{jobs: [...]}` for a batch. 200
 * when nothing new was made because every idempotency key had been used before.
 */
export async function enqueueJobs(c: Context, deps: EnqueueDeps): Promise<Response> {
  const credential = credentialOf(c);
  requireJsonType(c.req.raw);
  const key = parseIdempotencyKey(c.req.header("idempotency-key"));
  const body = parseEnqueueBody(await readJson(c.req.raw, MAX_BODY_BYTES));
  requireTenant(credential, body.tenantId);
  const trace = acceptTrace(c.req.header("traceparent"), deps.randomTraceBytes);
  const traceparent = formatTraceparent(trace);
  const jobs = deps.jobsOf(credential, body.tenantId);
  if (body.kind === "one") {
    const job = withKey(body.job, key);
    checkJob(deps.definitions, job);
    const reply = await jobs.enqueueJob(job, traceparent);
    return c.json(reply, statusOf([reply]), { location: `/enqueue/${reply.job_id}` });
  }
  if (key !== undefined) throw keyOfBatch();
  body.jobs.forEach((job, index) => checkJob(deps.definitions, job, index));
  const replies = await jobs.enqueueJobs(body.jobs, traceparent);
  return c.json({ jobs: replies }, statusOf(replies));
}

/** The caller's credential from the headers of a request. */
export function credentialOf(c: Context): Credential {
  return readCredential(c.req.header("authorization") ?? null, c.req.header("apikey") ?? null);
}

/** Throws unless a secret key, which sees every tenant, comes with a tenant. */
export function requireTenant(credential: Credential, tenantId: string | undefined): void {
  if (credential.kind === "user" || tenantId !== undefined) return;
  throw new JobForgeError("invalid_argument", "a secret key must name the tenant_id");
}

function withKey(job: JobRequest, headerKey: string | undefined): JobRequest {
  const key = agreeOnKey(headerKey, job.idempotency_key);
  return key === undefined ? job : { ...job, idempotency_key: key };
}

function statusOf(replies: EnqueueReply[]): 200 | 202 {
  return replies.every((reply) => reply.duplicate) ? 200 : 202;
}

function keyOfBatch(): JobForgeError {
  const message = "Idempotency-Key names one job: give each job of a batch its own idempotency_key";
  return new JobForgeError("invalid_argument", message);
}
