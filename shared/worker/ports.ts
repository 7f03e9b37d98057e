import type { JsonText } from "../core/encoding/json.ts";
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
  /** Its share of the reply that brought it, in bytes. */
  bytes?: number;
}

/** A reported outcome with the lease it belongs to. */
export interface ReportedOutcome extends Outcome {
  tenant_id: string;
  id: string;
  lease_token: number;
}

/** Progress of one running job. */
export interface ReportedProgress {
  id: string;
  progress: JsonText;
}

/** One call of a run: what it reports, and what it claims. */
export interface Report {
  outcomes: ReportedOutcome[];
  progress: ReportedProgress[];
  /** Maximum number of jobs to claim. */
  limit: number;
  /** Bytes of payloads after which the claim stops. It brings at least one job. */
  maxBytes: number;
  /** Tokens of leases of which all jobs succeeded without a result. `outcomes` leaves them out. */
  leases?: number[];
}

/** The reply to a report: stale outcomes, new jobs, and running jobs to stop. */
export interface SettleReply {
  settled: number;
  stale: string[];
  jobs: ClaimedJob[];
  abort: string[];
  next_at: string | null;
  /** Jobs whose outcome could not be recorded yet. Their leases stay, and it is repeated. */
  later?: string[];
  /**
   * Jobs whose outcome could not be sent. It is repeated after a delay. If set, nothing was
   * claimed.
   */
  unsent?: string[];
  /** Bytes of the whole reply, if known. They measure the weight of the jobs. */
  bytes?: number;
}

/** A reply that was given up at its bound. The database may have leased the jobs in it. */
export class ReplyTooLargeError extends Error {
  constructor(maxBytes: number) {
    super(`a reply of the database has more than ${maxBytes} bytes`);
    this.name = "ReplyTooLargeError";
  }
}

/**
 * The calls of a run. All throw JobForgeError: `run_ended`, `unavailable`, or a refusal.
 * `settleAndClaim` also throws ReplyTooLargeError.
 */
export interface RunQueue {
  settleAndClaim(runId: number, report: Report): Promise<SettleReply>;
  heartbeat(runId: number, progress: ReportedProgress[]): Promise<{ abort: string[] }>;
  /** Releases jobs leased to the run that are not in `knownIds`, after a lost claim. */
  releaseUnknown(runId: number, knownIds: ReadonlySet<string>): Promise<number>;
  finish(runId: number, reason: EndReason, cpuMs: number): Promise<void>;
}

/** The attempt that an uncaught error may belong to. */
export interface AttemptTag {
  readonly runId: number;
  readonly tenantId: string;
  readonly jobId: string;
  readonly type: string;
  readonly attempt: number;
  /** The last error that the handler threw outside its own promise. */
  uncaught?: string;
}

/** Follows an attempt through everything asynchronous that its handler starts. */
export interface AttemptScope {
  run<Result>(tag: AttemptTag, callback: () => Result): Result;
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

/** A developer's terminal, which shows what logs leave out. */
export interface DeveloperView {
  /** Shows the end of a job that did not succeed. `thrown` is what its handler threw. */
  unsuccessful(job: ClaimedJob, outcome: Outcome, thrown: unknown): void;
}
