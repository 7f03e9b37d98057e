import type { JobError, JobStatus } from "../core/job/job_row.ts";

/** A job. Times are ISO 8601 texts. */
export interface Job {
  tenantId: string;
  id: string;
  queue: string;
  type: string;
  status: JobStatus;
  priority: number;
  /** True while it waits for its `runAt`. */
  scheduled: boolean;
  runAt: string;
  attempts: number;
  maxAttempts: number;
  timeoutMs: number;
  attemptsBeforeRetry: number;
  leaseExpiries: number;
  idempotencyKey: string | null;
  cancelRequestedAt: string | null;
  progress: unknown;
  traceparent: string | null;
  lastError: JobError | null;
  createdBy: string | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

/** A job of a list. */
export interface ListedJob extends
  Pick<
    Job,
    | ("tenantId" | "id" | "queue" | "type" | "status" | "priority" | "scheduled" | "runAt")
    | ("attempts" | "maxAttempts" | "cancelRequestedAt" | "createdAt" | "startedAt" | "finishedAt")
  > {
  /** The code of the last error. */
  errorCode: string | null;
}

/** The answer to an enqueue. */
export interface EnqueuedJob<Type extends string = string> {
  jobId: string;
  status: JobStatus;
  /** True when the idempotency key was used before. `jobId` is then the earlier job. */
  duplicate: boolean;
  type: Type;
}

/** The reason why a job is not running, and when it could start. */
export interface JobExplanation {
  jobId: string;
  status: JobStatus;
  /** A stable name, such as `queue_paused`. */
  reason: string;
  message: string;
  /** Null when it is not known. */
  earliestAt: string | null;
  /** The run that holds the job, and until when. */
  runId?: number;
  leaseExpiresAt?: string;
  /** The schedule that waits for the job. */
  schedule?: unknown;
}

/** A recurring job. Times are ISO 8601 texts. */
export interface Schedule {
  id: string;
  /** Null when it runs for every tenant. */
  tenantId: string | null;
  name: string;
  expression: string;
  timeZone: string;
  type: string;
  payload: unknown;
  queue: string;
  priority: number;
  maxAttempts: number | null;
  timeoutMs: number | null;
  overlap: "skip" | "allow";
  catchUp: "skip" | "once" | "all";
  paused: boolean;
  nextAt: string | null;
  lastAt: string | null;
  started: number;
  skipped: number;
  missed: number;
  failed: number;
  lastError: unknown;
  /** Why it has no next occurrence, or null. */
  problem: string | null;
}

type CamelName<Name> = Name extends `${infer Head}_${infer Rest}`
  ? `${Head}${Capitalize<CamelName<Rest>>}`
  : Name;

/** A row of the database with the names of TypeScript. */
export type CamelRow<Row> = { [Name in keyof Row as CamelName<Name>]: Row[Name] };

/** Returns a row of the database with the names of TypeScript. Values stay as they are. */
export function camelRow<Row>(row: object): Row {
  const entries = Object.entries(row).map(([name, value]) => [camelName(name), value]);
  return Object.fromEntries(entries) as Row;
}

/** Returns the name of a column in TypeScript, such as `maxAttempts`. */
export function camelName(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Returns the name of an option in SQL, such as `max_attempts`. */
export function snakeName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
