import type { JobRequest } from "../../core/job/job_request.ts";
import { JobForgeError } from "../../core/errors.ts";
import type { JobRow, JobStatus } from "../../core/job/job_row.ts";
import { type CallOptions, callRpc, type DataApi } from "./data_api.ts";

/** The answer to an enqueue. */
export interface EnqueueReply {
  job_id: string;
  status: JobStatus;
  /** True when the idempotency key was used before. The reply then names the earlier job. */
  duplicate: boolean;
}

const DEFAULT_TIMEOUT_MS = 10_000;

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
    if (rows.length < jobs.length) throw replyCut(rows.length, jobs.length);
    return rows
      .toSorted((left, right) => left.index - right.index)
      .map(({ job_id, status, duplicate }) => ({ job_id, status, duplicate }));
  }

  /** A job with its result, or undefined when it does not exist or is another tenant's. */
  async findJob(jobId: string): Promise<JobRow & { result: unknown } | undefined> {
    const args = prefixed({ job_id: jobId, ...this.#tenant() });
    try {
      return await this.#rpc("jobforge_get_job", args) as JobRow & { result: unknown };
    } catch (thrown) {
      if (thrown instanceof JobForgeError && thrown.code === "not_found") return undefined;
      throw thrown;
    }
  }

  #rpc(name: string, args: Record<string, unknown>): Promise<unknown> {
    return callRpc(this.#api, name, args, this.#call);
  }

  #tenant(): { tenant_id?: string } {
    return this.#tenantId ? { tenant_id: this.#tenantId } : {};
  }
}

/** Returns the error of a reply without some of its rows. What the call did is done. */
export function replyCut(received: number, expected: number): JobForgeError {
  const message = `the call is done, but its reply has only ${received} of ${expected} rows: ` +
    `set max_rows of the project's Data API to ${expected} or more, or send fewer at once`;
  return new JobForgeError("reply_cut", message);
}

/** Arguments of an RPC: members that are undefined are left to the defaults of the database. */
function prefixed(values: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(defined(values));
  return Object.fromEntries(entries.map(([name, value]) => [`p_${name}`, value]));
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
