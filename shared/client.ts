import type { DataApi } from "./adapters/data_api/data_api.ts";
import { type EnqueueReply, JobApi, type JobFilter } from "./adapters/data_api/job_api.ts";
import { JobForgeError } from "./core/errors.ts";
import type { JobRequest } from "./core/job/job_request.ts";
import { isTerminal, type JobRow, type JobStatus } from "./core/job/job_row.ts";
import { indexDefinitions, type JobDefinition } from "./core/job/job_type.ts";
import type { DefinitionOf, PayloadInput, ResultOf, TypeIn } from "./core/job/job_type.ts";
import { checkJob } from "./core/job/payload.ts";
import { pollUntil } from "./core/job/poll.ts";

export { type ErrorCode, JobForgeError } from "./core/errors.ts";
export type { JobFilter } from "./adapters/data_api/job_api.ts";
export type { AttemptRow, FullJobRow, JobForgeViews } from "./core/job/exact_rows.ts";
export type { WithExactRows } from "./core/job/exact_rows.ts";
export type { JobError, JobRow, JobStatus } from "./core/job/job_row.ts";

/** A list of job types, as `shared/jobs/definitions.ts` exports one. */
export type Definitions = readonly JobDefinition[];

/** A supabase-js client of any version and database type. */
export interface SupabaseLike {
  // The calls of a typed client differ per database, so replies are checked at run time.
  // deno-lint-ignore no-explicit-any
  rpc(name: any, args?: any, options?: any): any;
  // deno-lint-ignore no-explicit-any
  from(table: any, options?: any): any;
}

/** Settings of a client. */
export interface JobForgeOptions<D extends Definitions> {
  /**
   * Job types of the application. Payloads are checked before they are sent and have static types.
   */
  definitions?: D;
  /** Tenant ID. Required with a secret key and for users of several tenants. */
  tenantId?: string;
}

/** Options of a job. POST /enqueue documents each of them. */
export type EnqueueOptions = Omit<JobRequest, "type" | "payload"> & { traceparent?: string };

/** An enqueued job with its type, from which the type of its result follows. */
export interface EnqueuedJob<Type extends string = string> extends EnqueueReply {
  type: Type;
}

/** A finished job. Only a succeeded one has a result. */
export type FinishedJob<Result = unknown> =
  & Omit<JobRow, "status">
  & (
    | { status: "succeeded"; result: Result }
    | { status: "failed" | "dead" | "canceled"; result: null }
  );

/** Options of waiting for a job. */
export interface WaitOptions {
  /** Milliseconds before `wait_timeout` is thrown (default: 60 000). */
  timeoutMs?: number;
  signal?: AbortSignal;
  onProgress?: (progress: unknown, job: JobRow) => void;
}

/** A batch entry: type and payload of one declaration, and its options. */
export type JobToEnqueue<D extends Definitions> = {
  [Type in TypeIn<D>]:
    & { type: Type; payload: PayloadInput<DefinitionOf<D, Type>> }
    & Omit<EnqueueOptions, "traceparent">;
}[TypeIn<D>];

type ResultOfType<D extends Definitions, Type extends string> = Type extends TypeIn<D>
  ? ResultOf<DefinitionOf<D, Type>>
  : unknown;

/** Job operations through a supabase-js client. Every method throws JobForgeError. */
export interface JobForge<D extends Definitions> {
  enqueueJob<Type extends TypeIn<D>>(
    type: Type,
    payload: PayloadInput<DefinitionOf<D, Type>>,
    options?: EnqueueOptions,
  ): Promise<EnqueuedJob<Type>>;
  /** Enqueues all jobs or none, at most 1 000. */
  enqueueJobs(jobs: JobToEnqueue<D>[], traceparent?: string): Promise<EnqueueReply[]>;
  /** Returns a job with its payload. Throws `not_found`. */
  getJob(jobId: string): Promise<JobRow & { payload: unknown }>;
  /** Returns the finished job. Polls at growing intervals. Throws `wait_timeout`. */
  waitForJob<Type extends string>(
    job: EnqueuedJob<Type>,
    options?: WaitOptions,
  ): Promise<FinishedJob<ResultOfType<D, Type>>>;
  waitForJob(jobId: string, options?: WaitOptions): Promise<FinishedJob>;
  cancelJob(jobId: string): Promise<{ status: JobStatus; cancel_requested: boolean }>;
  /** Retries a dead, failed or canceled job with fresh attempts. */
  retryJob(jobId: string): Promise<{ status: JobStatus }>;
  /** Returns jobs, newest first. For the next page set `before` to the last ID of this one. */
  listJobs(filter?: JobFilter): Promise<JobRow[]>;
}

/**
 * Creates the client of an application in a browser, Deno or Node. It works on a supabase-js client
 * and under its credential: a user's session, or a secret key with `tenantId`.
 */
export function createJobForge<const D extends Definitions = Definitions>(
  supabase: SupabaseLike,
  options: JobForgeOptions<D> = {},
): JobForge<D> {
  const known = options.definitions ? indexDefinitions(options.definitions) : undefined;
  const api = supabase as unknown as DataApi;
  const jobs = new JobApi(api, { tenantId: options.tenantId });
  const check = (job: JobRequest, index?: number) => known && checkJob(known, job, index);

  return {
    async enqueueJob(type, payload, { traceparent, ...rest } = {}) {
      const job = { type, payload, ...rest };
      check(job);
      return { ...await jobs.enqueueJob(job, traceparent), type };
    },
    async enqueueJobs(entries, traceparent) {
      const requests = entries as JobRequest[];
      requests.forEach(check);
      return await jobs.enqueueJobs(requests, traceparent);
    },
    async getJob(jobId) {
      const row = await jobs.findJob(jobId, ",payload");
      return required(row) as JobRow & { payload: unknown };
    },
    waitForJob: (job: EnqueuedJob | string, waiting: WaitOptions = {}) =>
      waitForJob(
        new JobApi(api, { tenantId: options.tenantId, signal: waiting.signal }),
        typeof job === "string" ? job : job.job_id,
        waiting,
        // deno-lint-ignore no-explicit-any -- the type parameter determines the result
      ) as Promise<any>,
    cancelJob: (jobId) => jobs.cancelJob(jobId),
    retryJob: (jobId) => jobs.retryJob(jobId),
    listJobs: (filter = {}) => jobs.listJobs(filter),
  };
}

const WAIT_TIMEOUT_MS = 60_000;
const POLLING = { firstDelayMs: 200, maxDelayMs: 2_000, now: () => performance.now() };

async function waitForJob(
  jobs: JobApi,
  jobId: string,
  options: WaitOptions,
): Promise<FinishedJob> {
  let shown = "null";
  const ask = async () => {
    const row = required(await jobs.findJob(jobId));
    const progress = JSON.stringify(row.progress);
    if (progress !== shown) options.onProgress?.(row.progress, row);
    shown = progress;
    return row;
  };
  const polling = {
    ...POLLING,
    timeoutMs: options.timeoutMs ?? WAIT_TIMEOUT_MS,
    sleep: (ms: number) => sleep(ms, options.signal),
  };
  const row = await pollUntil(ask, (job) => isTerminal(job.status), polling);
  if (!isTerminal(row.status)) {
    throw new JobForgeError("wait_timeout", `the job is still ${row.status}`);
  }
  const result = row.status === "succeeded" ? await jobs.findResult(jobId) : null;
  return { ...row, result } as FinishedJob;
}

function required(row: JobRow | undefined): JobRow {
  if (row) return row;
  throw new JobForgeError("not_found", "there is no such job, or it belongs to another tenant");
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abandon = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abandon);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abandon, { once: true });
  });
}
