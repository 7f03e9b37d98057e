import { writeJson } from "../../shared/core/encoding/exact_json.ts";
import type { SupabaseLike } from "../../shared/client/calls.ts";

/** A job that was enqueued, with the options that were given. */
export interface RecordedJob {
  jobId: string;
  type: string;
  payload: unknown;
  tenantId?: string;
  queue?: string;
  /** ISO 8601. */
  runAt?: string;
  priority?: number;
  idempotencyKey?: string;
  maxAttempts?: number;
  timeoutMs?: number;
}

/** A client of supabase-js that keeps jobs instead of sending them. */
export interface JobRecorder {
  /** Pass it to `createJobForge`. Any other call than an enqueue rejects. */
  supabase: SupabaseLike;
  /** What was enqueued, in its order. */
  jobs: RecordedJob[];
}

type Args = Record<string, unknown>;

/** Creates a recorder. The same idempotency key gives the same job, as the database does. */
export function recordJobs(): JobRecorder {
  const jobs: RecordedJob[] = [];
  const enqueue = (options: Args, index: number) => {
    const job = recorded(options, jobs.length + 1);
    const earlier = job.idempotencyKey === undefined
      ? undefined
      : jobs.find(({ idempotencyKey, tenantId }) =>
        idempotencyKey === job.idempotencyKey && tenantId === job.tenantId
      );
    if (!earlier) jobs.push(job);
    const { jobId } = earlier ?? job;
    const status = job.runAt === undefined ? "queued" : "scheduled";
    return { index, job_id: jobId, status, duplicate: earlier !== undefined };
  };
  const rows = (name: string, args: Args): unknown[] => {
    const options = Object.fromEntries(
      Object.entries(args).map(([key, value]) => [key.replace(/^p_/, ""), value]),
    );
    if (name === "jobforge_enqueue_job") return [enqueue(options, 0)];
    const { jobs: batch, tenant_id } = options;
    return (batch as Args[]).map((job, index) => enqueue({ ...job, tenant_id }, index));
  };
  return {
    jobs,
    supabase: {
      rpc(name: string, args: Args) {
        if (!/^jobforge_enqueue_jobs?$/.test(name)) throw onlyEnqueues(name);
        const data = rows(name, args);
        const reply = () => Promise.resolve({ data, error: null, status: 200, count: data.length });
        const call = { abortSignal: reply, then: (...then: []) => reply().then(...then) };
        return { ...call, select: () => call };
      },
      from(table: string) {
        throw onlyEnqueues(table);
      },
    },
  };
}

/** What a job must have. Only what is named is compared. */
export type ExpectedJob = Partial<Omit<RecordedJob, "jobId" | "type">>;

/**
 * Returns the first job of a type whose payload has all members of `expected.payload`, and whose
 * options equal the others. Throws an Error that lists what was enqueued.
 */
export function assertEnqueued(
  { jobs }: Pick<JobRecorder, "jobs">,
  type: string,
  expected: ExpectedJob = {},
): RecordedJob {
  const found = jobs.find((job) => job.type === type && fits(job, expected));
  if (found) return found;
  const wanted = Object.keys(expected).length === 0 ? "" : ` with ${writeJson(expected)}`;
  throw new Error(`no job ${type}${wanted} was enqueued. ${listOf(jobs)}`);
}

/** Throws an Error if a job of a type fits. */
export function assertNotEnqueued(
  { jobs }: Pick<JobRecorder, "jobs">,
  type: string,
  expected: ExpectedJob = {},
): void {
  const found = jobs.find((job) => job.type === type && fits(job, expected));
  if (found) throw new Error(`a job ${type} was enqueued with ${writeJson(found.payload)}`);
}

function recorded(options: Args, number: number): RecordedJob {
  const { type, payload, ...rest } = options;
  const entries = Object.entries(rest).filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()), value]);
  return {
    jobId: `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`,
    ...{ type: type as string, payload },
    ...Object.fromEntries(entries),
  };
}

/** An object may have more members. Everything else must be equal. */
function fits(actual: unknown, expected: unknown): boolean {
  if (typeof expected !== "object" || expected === null) return Object.is(actual, expected);
  if (typeof actual !== "object" || actual === null) return false;
  if (Array.isArray(expected) !== Array.isArray(actual)) return false;
  if (Array.isArray(expected) && expected.length !== (actual as unknown[]).length) return false;
  return Object.entries(expected).every(([name, value]) =>
    value === undefined || fits((actual as Record<string, unknown>)[name], value)
  );
}

function listOf(jobs: readonly RecordedJob[]): string {
  if (jobs.length === 0) return "Nothing was.";
  const lines = jobs.map(({ jobId: _, type, ...job }) => `  ${type} ${writeJson(job)}`);
  return `There are:\n${lines.join("\n")}`;
}

function onlyEnqueues(name: string): Error {
  return new Error(`a recorder of jobs only takes enqueues, and ${name} was called`);
}
