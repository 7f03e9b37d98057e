import type { EndReason } from "../core/run/next_step.ts";
import type { Outcome } from "../core/job/outcome.ts";
import type { LogFields, LogLevel } from "../core/log/log_record.ts";

/** A job as the database hands it to a worker. */
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

/** An outcome with the lease it belongs to, as it is sent. */
export interface ReportedOutcome extends Omit<Outcome, "result_length"> {
  tenant_id: string;
  id: string;
  lease_token: number;
}

/** Progress of one running job, already checked to be storable. */
export interface ReportedProgress {
  id: string;
  progress: unknown;
}

/** The answer to a report: what was stale, new jobs, and which running jobs to stop. */
export interface SettleReply {
  settled: number;
  stale: string[];
  jobs: ClaimedJob[];
  abort: string[];
  next_at: string | null;
  /** Characters of the whole answer, if known: what the jobs weigh. */
  length?: number;
}

/** The calls a run makes. All throw JobForgeError: `run_ended`, `unavailable`, or a refusal. */
export interface RunQueue {
  settleAndClaim(
    runId: number,
    outcomes: ReportedOutcome[],
    limit: number,
    progress: ReportedProgress[],
  ): Promise<SettleReply>;
  heartbeat(runId: number, progress: ReportedProgress[]): Promise<{ abort: string[] }>;
  /** Hands back jobs leased to the run that are not in `knownIds`: their claim got lost. */
  releaseUnknown(runId: number, knownIds: ReadonlySet<string>): Promise<number>;
  finish(runId: number, reason: EndReason, cpuMs: number): Promise<void>;
}

/** Time, so that tests can move it. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970, only to compare with times of the database. */
  epoch(): number;
  /** Calls once after `ms`; returns what cancels it. */
  setTimer(callback: () => void, ms: number): () => void;
}

/** Turns of the event loop as far as the worker takes part in them. */
export interface LoopMeter {
  /** Marks that worker code runs now; returns the number of the turn. */
  enter(): number;
  /** Milliseconds the present turn has lasted so far; 0 between turns. */
  lasted(): number;
  /** Calls once when the present turn is over. */
  afterTurn(callback: () => void): void;
  /** Adds an estimate for work the turns did not show. */
  addUnmeasured(ms: number): void;
  /** Milliseconds of all turns together. */
  busyMs(): number;
}

/** Where a run writes its log lines. */
export interface RunLog {
  write(level: LogLevel, event: string, fields: LogFields): void;
}
