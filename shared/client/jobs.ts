import type { JobStatus } from "../core/job/job_row.ts";
import { JobForgeError } from "../core/errors.ts";
import type { Calls } from "./calls.ts";
import {
  type CallOptions,
  checkNames,
  type EnqueueOptions,
  isUuid,
  JOB_OPTIONS,
  type JobOptions,
  snakeOptions,
} from "./options.ts";
import { checkPayloadToSend, type Known, readResult, readText } from "./payloads.ts";
import { camelRow, type EnqueuedJob, type Job, type JobExplanation } from "./rows.ts";

/** A job to name in a call: its ID, or what an enqueue, a list or a read returned. */
export type JobRef = string | { readonly jobId: string } | { readonly id: string };

/** A job with its payload. */
export type JobWithPayload = Job & { payload: unknown };

/** A job of a batch. */
export type BatchEntry = { type: string; payload?: unknown } & JobOptions;

interface EnqueuedRow {
  index: number;
  job_id: string;
  status: JobStatus;
  duplicate: boolean;
}

/** A job as `jobforge_get_job` returns it, with texts of JSON. */
export interface JobTexts {
  type: string;
  status: JobStatus;
  progress: string | null;
  result: string | null;
  payload?: string;
}

/** Returns the ID of a job. */
export function idOf(job: JobRef): string {
  const { jobId, id: ownId } = Object(job) as { jobId?: unknown; id?: unknown };
  const id = typeof job === "string" ? job : jobId ?? ownId;
  if (isUuid(id)) return id;
  const isPromise = typeof Object(job).then === "function";
  const message = "a job must be a job ID (a UUID) or a job" +
    (isPromise ? ", not a promise: await it first" : "");
  throw new JobForgeError("invalid_argument", message);
}

/** The operations on single jobs. */
export class Jobs {
  readonly calls: Calls;
  readonly #known: Known;

  constructor(calls: Calls, known: Known) {
    this.calls = calls;
    this.#known = known;
  }

  async enqueueJob<Type extends string>(
    type: Type,
    payload: unknown,
    options: EnqueueOptions,
  ): Promise<EnqueuedJob<Type>> {
    checkNames(options, [...JOB_OPTIONS, "traceparent", "signal"], "option");
    checkPayloadToSend(this.#known, type, payload);
    const { signal, ...rest } = options;
    const job = { type, payload: payload ?? {}, ...snakeOptions(rest), ...this.#tenant() };
    const call = signal ? { signal } : {};
    const [row] = await this.calls.rows<EnqueuedRow>(
      "jobforge_enqueue_job",
      prefixed(job),
      call,
      { expected: 1 },
    );
    return enqueued(row!, type);
  }

  async enqueueJobs(
    entries: readonly BatchEntry[],
    options: CallOptions & { traceparent?: string },
  ): Promise<EnqueuedJob[]> {
    checkNames(options, ["traceparent", "signal"], "option");
    if (!Array.isArray(entries)) {
      throw new JobForgeError("invalid_argument", "jobs must be an array of { type, payload, … }");
    }
    entries.forEach(({ type, payload, ...rest }, index) => {
      checkNames(rest, JOB_OPTIONS, `option of jobs.${index}`);
      checkPayloadToSend(this.#known, type, payload, index);
    });
    if (entries.length === 0) return [];
    const { signal, traceparent } = options;
    const jobs = entries.map(({ type, payload, ...rest }) => ({
      ...{ type, payload: payload ?? {} },
      ...snakeOptions({ ...rest, traceparent }),
    }));
    const args = prefixed({ jobs, ...this.#tenant() });
    const call = signal ? { signal } : {};
    const name = "jobforge_enqueue_jobs";
    const rows = await this.calls.rows<EnqueuedRow>(name, args, call, {
      expected: jobs.length,
    });
    return rows.toSorted((left, right) => left.index - right.index)
      .map((row, index) => enqueued(row, jobs[index]!.type));
  }

  async getJob(job: JobRef, options: CallOptions): Promise<JobWithPayload> {
    const texts = await this.texts(idOf(job), { payload: true }, options);
    return { ...this.job(texts), payload: readText(texts.payload) };
  }

  /** Reads a job. Payload, progress and result are texts, which supabase-js does not round. */
  async texts(
    jobId: string,
    { payload = false }: { payload?: boolean },
    options: CallOptions & { timeoutMs?: number },
  ): Promise<JobTexts> {
    const args = prefixed({ job_id: jobId, ...this.#tenant(), payload, as_text: true });
    const texts = await this.calls.value<JobTexts | null>("jobforge_get_job", args, options);
    if (texts && !Array.isArray(texts)) return texts;
    throw new JobForgeError("not_found", "there is no such job, or it belongs to another tenant");
  }

  /** Returns a job from its texts, without payload and result. */
  job({ result: _result, payload: _payload, ...row }: JobTexts): Job {
    return { ...camelRow<Job>(row), progress: readText(row.progress) };
  }

  /** Returns the result of a succeeded job. */
  result({ type, result }: JobTexts): unknown {
    return readResult(this.#known, type, result);
  }

  async cancelJob(
    job: JobRef,
    options: CallOptions,
  ): Promise<{ status: JobStatus; cancelRequested: boolean }> {
    const { status, cancel_requested } = await this.#change(
      "jobforge_cancel_job",
      job,
      {},
      options,
    );
    return { status, cancelRequested: cancel_requested as boolean };
  }

  async retryJob(job: JobRef, options: CallOptions): Promise<{ status: JobStatus }> {
    const { status } = await this.#change("jobforge_retry_job", job, {}, options);
    return { status };
  }

  async rescheduleJob(
    job: JobRef,
    runAt: Date | string,
    options: CallOptions,
  ): Promise<{ status: JobStatus; runAt: string }> {
    const row = await this.#change(
      "jobforge_reschedule_job",
      job,
      snakeOptions({ runAt }),
      options,
    );
    return { status: row.status, runAt: row.run_at as string };
  }

  async explainJob(job: JobRef, options: CallOptions): Promise<JobExplanation> {
    const args = prefixed({ job_id: idOf(job), ...this.#tenant() });
    return camelRow(await this.calls.object<object>("jobforge_explain_job", args, options));
  }

  async #change(name: string, job: JobRef, more: Record<string, unknown>, options: CallOptions) {
    checkNames(options, ["signal"], "option");
    const args = prefixed({ job_id: idOf(job), ...more, ...this.#tenant() });
    const [row] = await this.calls.rows<{ status: JobStatus; [name: string]: unknown }>(
      name,
      args,
      options,
      { expected: 1 },
    );
    return row!;
  }

  #tenant(): { tenant_id?: string } {
    return this.calls.tenantId ? { tenant_id: this.calls.tenantId } : {};
  }
}

function enqueued<Type extends string>(row: EnqueuedRow, type: Type): EnqueuedJob<Type> {
  return { jobId: row.job_id, status: row.status, duplicate: row.duplicate, type };
}

/** Returns the arguments of an RPC. */
export function prefixed(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`p_${name}`, value]));
}
