/** The statuses of a job, in the order of its life. */
export const JOB_STATUSES = [
  ...["scheduled", "queued", "running"] as const,
  ...["succeeded", "failed", "dead", "canceled"] as const,
] as const;

/** The status of a job. A `scheduled` one waits for its `run_at`, also before a retry. */
export type JobStatus = (typeof JOB_STATUSES)[number];

const TERMINAL: ReadonlySet<JobStatus> = new Set(["succeeded", "failed", "dead", "canceled"]);

/** Returns whether a job in this status is finished. */
export function isTerminal(status: JobStatus): boolean {
  return TERMINAL.has(status);
}

/** The error of a job or of an attempt. */
export interface JobError {
  code: string;
  message: string;
}

/** Returns whether a job in this status waits for its start. */
export function isWaiting(status: JobStatus): boolean {
  return status === "scheduled" || status === "queued";
}

/** A job as its tenant reads it, without payload. Times are ISO 8601 texts. */
export interface JobRow {
  tenant_id: string;
  id: string;
  queue: string;
  type: string;
  status: JobStatus;
  priority: number;
  run_at: string;
  attempts: number;
  max_attempts: number;
  timeout_ms: number;
  idempotency_key: string | null;
  cancel_requested_at: string | null;
  progress: unknown;
  traceparent: string | null;
  last_error: JobError | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

/** The columns of JobRow, as a select list. */
export const JOB_COLUMNS =
  "tenant_id,id,queue,type,status,priority,run_at,attempts,max_attempts,timeout_ms," +
  "idempotency_key,cancel_requested_at,progress,traceparent,last_error,created_at,started_at," +
  "finished_at";
