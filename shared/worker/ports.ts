import type { EndReason } from "../core/run/next_step.ts";
import type { Outcome } from "../core/job/outcome.ts";
import type { LogFields, LogLevel } from "../core/log/log_record.ts";

/** A claimed job. */
export interface ClaimedJob {
  id: string;
  tenant_id: string;
  queue: string;
  type: string;
  payload: unknown;
  attempt: number;
  max_attempts: number;
  lease_token: number;
  timeout_ms: number;
  traceparent: string | null;
  created_at: string;
  run_at: string;
}

/** A reported outcome with the lease it belongs to. */
export interface ReportedOutcome extends Omit<Outcome, "result_length"> {
  tenant_id: string;
  id: string;
  lease_token: number;
}

/** Progress of one running job, checked to be storable. */
export interface ReportedProgress {
  id: string;
  progress: unknown;
}

/** The reply to a report: stale outcomes, new jobs, and running jobs to stop. */
export interface SettleReply {
  settled: number;
  stale: string[];
  jobs: ClaimedJob[];
  abort: string[];
  next_at: string | null;
  /** Characters of the whole reply, if known. They measure the weight of the jobs. */
  length?: number;
}

/** The calls of a run. All throw JobForgeError: `run_ended`, `unavailable`, or a refusal. */
export interface RunQueue {
  settleAndClaim(
    runId: number,
    outcomes: ReportedOutcome[],
    limit: number,
    progress: ReportedProgress[],
  ): Promise<SettleReply>;
  heartbeat(runId: number, progress: ReportedProgress[]): Promise<{ abort: string[] }>;
  /** Releases jobs leased to the run that are not in `knownIds`, after a lost claim. */
  releaseUnknown(runId: number, knownIds: ReadonlySet<string>): Promise<number>;
  finish(runId: number, reason: EndReason, cpuMs: number): Promise<void>;
}

/** A clock, which tests replace. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970, only for comparison with times of the database. */
  epoch(): number;
  /** Calls once after `ms`. Returns a function that cancels the call. */
  setTimer(callback: () => void, ms: number): () => void;
}

/** The turns of the event loop that run worker code. */
export interface LoopMeter {
  /** Records that worker code runs now. Returns the number of the turn. */
  enter(): number;
  /** Returns the milliseconds of the present turn so far, or 0 between turns. */
  lasted(): number;
  /** Calls once when the present turn is over. */
  afterTurn(callback: () => void): void;
  /** Adds an estimate for work outside the measured turns. */
  addUnmeasured(ms: number): void;
  /** Returns the milliseconds of all turns together. */
  busyMs(): number;
}

/** The log of a run. */
export interface RunLog {
  write(level: LogLevel, event: string, fields: LogFields): void;
}
