import type { JobRequest } from "../../core/job/job_request.ts";
import { JOB_COLUMNS, type JobRow, type JobStatus } from "../../core/job/job_row.ts";
import { type CallOptions, callRpc, type DataApi, dataOf, type Query } from "./data_api.ts";

/** The answer to an enqueue. */
export interface EnqueueReply {
  job_id: string;
  status: JobStatus;
  /** True when the idempotency key was used before. The reply then names the earlier job. */
  duplicate: boolean;
}

/** A filter for jobs, listed newest first. */
export interface JobFilter {
  status?: JobStatus;
  type?: string;
  queue?: string;
  /** Maximum number of jobs (default: 50). */
  limit?: number;
  /** Last ID of the previous page. */
  before?: string;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_PAGE = 50;

/** Job operations of users and services over the Data API, under its credential. */
export class JobApi {
  readonly #api: DataApi;
  readonly #tenantId: string | undefined;
  readonly #call: CallOptions;

  constructor(
    api: DataApi,
    options: { tenantId?: string | undefined } & Partial<CallOptions> = {},
  ) {
    this.#api = api;
    const { tenantId, timeoutMs = DEFAULT_TIMEOUT_MS, signal, inFlight } = options;
    this.#tenantId = tenantId;
    this.#call = { timeoutMs, signal, inFlight };
  }

  async enqueueJob(job: JobRequest, traceparent?: string): Promise<EnqueueReply> {
    const named = { ...job, payload: job.payload ?? {}, traceparent, ...this.#tenant() };
    const [row] = await this.#rpc("jobforge_enqueue_job", prefixed(named)) as EnqueueReply[];
    return row!;
  }

  async enqueueJobs(jobs: JobRequest[], traceparent?: string): Promise<EnqueueReply[]> {
    const items = jobs.map((job) => defined({ ...job, payload: job.payload ?? {}, traceparent }));
    const args = prefixed({ jobs: items, ...this.#tenant() });
    const rows = await this.#rpc("jobforge_enqueue_jobs", args) as (EnqueueReply & {
      index: number;
    })[];
    return rows
      .toSorted((left, right) => left.index - right.index)
      .map(({ job_id, status, duplicate }) => ({ job_id, status, duplicate }));
  }

  async cancelJob(jobId: string): Promise<{ status: JobStatus; cancel_requested: boolean }> {
    const args = prefixed({ job_id: jobId, ...this.#tenant() });
    const [row] = await this.#rpc("jobforge_cancel_job", args) as {
      status: JobStatus;
      cancel_requested: boolean;
    }[];
    return { status: row!.status, cancel_requested: row!.cancel_requested };
  }

  async retryJob(jobId: string): Promise<{ status: JobStatus }> {
    const args = prefixed({ job_id: jobId, ...this.#tenant() });
    const [row] = await this.#rpc("jobforge_retry_job", args) as { status: JobStatus }[];
    return { status: row!.status };
  }

  /** A job, or undefined when it does not exist or is another tenant's. */
  async findJob(jobId: string, extraColumns = ""): Promise<JobRow | undefined> {
    const query = this.#select("jobforge_jobs", JOB_COLUMNS + extraColumns).eq("id", jobId);
    return (await dataOf(this.#api, query, this.#call) as JobRow[])[0];
  }

  /** The result of a succeeded job, or null when its handler returned nothing. */
  async findResult(jobId: string): Promise<unknown> {
    const query = this.#select("jobforge_job_results", "result").eq("job_id", jobId);
    return (await dataOf(this.#api, query, this.#call) as { result: unknown }[])[0]?.result ?? null;
  }

  async listJobs(filter: JobFilter): Promise<JobRow[]> {
    let query = this.#select("jobforge_jobs", JOB_COLUMNS);
    if (filter.status) query = query.eq("status", filter.status);
    if (filter.type) query = query.eq("type", filter.type);
    if (filter.queue) query = query.eq("queue", filter.queue);
    if (filter.before) query = query.lt("id", filter.before);
    // IDs are UUIDs of version 7, so their order is the order of creation.
    const page = query.order("id", { ascending: false }).limit(filter.limit ?? DEFAULT_PAGE);
    return await dataOf(this.#api, page, this.#call) as JobRow[];
  }

  #rpc(name: string, args: Record<string, unknown>): Promise<unknown> {
    return callRpc(this.#api, name, args, this.#call);
  }

  #select(table: string, columns: string): Query {
    const query = this.#api.from(table).select(columns);
    return this.#tenantId ? query.eq("tenant_id", this.#tenantId) : query;
  }

  #tenant(): { tenant_id?: string } {
    return this.#tenantId ? { tenant_id: this.#tenantId } : {};
  }
}

/** Arguments of an RPC: members that are undefined are left to the defaults of the database. */
function prefixed(values: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(defined(values));
  return Object.fromEntries(entries.map(([name, value]) => [`p_${name}`, value]));
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
