import type { JobError, JobStatus } from "../../shared/core/job/job_row.ts";

export type { JobError };

/** A job in a list. */
export interface ListedJob {
  tenant_id: string;
  id: string;
  queue: string;
  type: string;
  status: JobStatus;
  priority: number;
  scheduled: boolean;
  run_at: string;
  attempts: number;
  max_attempts: number;
  error_code: string | null;
  cancel_requested_at: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

/** A page of jobs, newest first. `next` is null at the end. */
export interface JobPage {
  jobs: ListedJob[];
  next: string | null;
}

/** A job on its own page. */
export interface FullJob extends Omit<ListedJob, "error_code"> {
  timeout_ms: number;
  idempotency_key: string | null;
  progress: unknown;
  traceparent: string | null;
  created_by: string | null;
  last_error: JobError | null;
}

/** A finished attempt. */
export interface Attempt {
  attempt_no: number;
  started_at: string;
  finished_at: string;
  outcome: string;
  error: JobError | null;
}

/** The reason why a job is not running. */
export interface Explanation {
  status: JobStatus;
  reason: string;
  message: string;
  earliest_at: string | null;
  /** The run that holds the job. */
  run_id?: number;
}

/** A queue with its limits and counters. */
export interface Queue {
  id: number;
  tenant_id: string;
  queue: string;
  queued: number;
  running: number;
  weight: number;
  max_running: number | null;
  max_queued: number | null;
  rate_limit: number | null;
  rate_period_ms: number;
  rate_burst: number;
  paused: boolean;
}

/** Numbers of a period. */
export interface Ended {
  started: number;
  succeeded: number;
  failed: number;
  dead: number;
  canceled: number;
  retried: number;
  error_rate: number | null;
}

/** Runs now and in the last 24 hours. `cpu_ms_24h` is in milliseconds. */
export interface RunNumbers {
  live: number;
  pending: number;
  capacity: number;
  held: number;
  finished_24h: number;
  undelivered_24h: number;
  lost_24h: number;
  cpu_ms_24h: number;
}

/** A live run. */
export interface LiveRun {
  id: number;
  worker: string | null;
  capacity: number;
  held: number;
  claimed: number;
  settled: number;
  age_seconds: number;
}

/** The present numbers. */
export interface Overview {
  at: string;
  ready: number;
  scheduled: number;
  running: number;
  oldest_ready_seconds: number | null;
  queues: number;
  paused_queues: number;
  last_5_minutes: Ended;
  last_hour: Ended;
  open_alerts: number;
  runs?: RunNumbers;
  live_runs?: LiveRun[];
}

/** One step of the history. */
export interface Step {
  at: string;
  started: number;
  succeeded: number;
  failed: number;
  dead: number;
  canceled: number;
  retried: number;
  duration_p50_ms: number | null;
  duration_p95_ms: number | null;
  latency_p50_ms: number | null;
  latency_p95_ms: number | null;
}

/** An open or closed alert. */
export interface Alert {
  id: number;
  rule: string;
  subject: string;
  tenant_id: string | null;
  opened_at: string;
  closed_at: string | null;
  severity: "info" | "warning" | "critical";
  message: string;
}

/** The result of a bulk change or of its dry run. */
export interface BulkAnswer {
  dry_run: boolean;
  count: number;
  skipped: number;
  sample: { id: string; status: JobStatus; type: string; queue: string; error_code: string }[];
  next: string | null;
}

/** A recurring job. */
export interface Schedule {
  id: string;
  tenant_id: string | null;
  name: string;
  expression: string;
  time_zone: string;
  type: string;
  queue: string;
  overlap: string;
  catch_up: string;
  paused: boolean;
  next_at: string | null;
  last_at: string | null;
  started: number;
  skipped: number;
  missed: number;
  failed: number;
  problem: string | null;
}

/** A connector: hosts that a tenant's jobs may call, or an endpoint for webhooks. */
export interface Connector {
  tenant_id: string;
  id: string;
  connector: string;
  name: string;
  config: Record<string, unknown>;
  enabled: boolean;
  disabled_reason: string | null;
  updated_at: string;
}

/** A verified webhook. */
export interface ReceivedWebhook {
  replay_key: string;
  tenant_id: string;
  job_id: string;
  received_at: string;
}

/** An entry of the audit log. */
export interface AuditEntry {
  id: number;
  at: string;
  role: string;
  subject: string | null;
  tenant_id: string | null;
  action: string;
  target: string | null;
  detail: unknown;
}
