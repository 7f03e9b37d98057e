import type { JobContext } from "../core/job/handler.ts";
import type { Outcome } from "../core/job/outcome.ts";
import type { ClaimedJob } from "./ports.ts";

/** Why a running attempt is told to stop. */
export type InterruptionKind = "timed_out" | "canceled" | "released" | "shutdown";

/** An order to stop with the outcome to report if the handler does not end by itself. */
export interface Interruption {
  kind: InterruptionKind;
  outcome: Outcome;
}

/** What an attempt uses of its run. */
export interface AttemptServices {
  progress(attempt: Attempt, value: unknown): void;
  log(
    attempt: Attempt,
    message: string,
    values: Record<string, number | boolean> | undefined,
  ): void;
  traceparent(job: ClaimedJob): string;
}

/**
 * One attempt of one job, and the context its handler sees. Made for every job, so it holds no
 * timer, and an AbortController only once somebody asks for the signal.
 */
export class Attempt implements JobContext {
  readonly job: ClaimedJob;
  readonly claimedAt: number;
  readonly startedAt: number;
  /** Turn of the event loop the handler was started in. */
  readonly turn: number;
  /** When the deadline timer has to look at this attempt: its deadline, later the end of its grace. */
  dueAt: number;
  interruption: Interruption | undefined;
  #controller: AbortController | undefined;
  #traceparent: string | undefined;
  readonly #services: AttemptServices;

  constructor(
    job: ClaimedJob,
    claimedAt: number,
    startedAt: number,
    turn: number,
    services: AttemptServices,
  ) {
    this.job = job;
    this.claimedAt = claimedAt;
    this.startedAt = startedAt;
    this.turn = turn;
    this.dueAt = startedAt + job.timeout_ms;
    this.#services = services;
  }

  get jobId(): string {
    return this.job.id;
  }
  get tenantId(): string {
    return this.job.tenant_id;
  }
  get createdAt(): string {
    return new Date(this.job.created_at).toISOString();
  }
  get attempt(): number {
    return this.job.attempt;
  }
  get maxAttempts(): number {
    return this.job.max_attempts;
  }
  get idempotencyKey(): string {
    return this.job.id;
  }
  get traceparent(): string {
    return this.#traceparent ??= this.#services.traceparent(this.job);
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.interruption && !this.#controller.signal.aborted) this.#abort(this.interruption);
    return this.#controller.signal;
  }

  // Arrow functions, so that handlers may take them out of the context.
  readonly progress = (value: unknown): void => this.#services.progress(this, value);
  readonly log = (message: string, values?: Record<string, number | boolean>): void =>
    this.#services.log(this, message, values);

  /** Tells the handler to stop; only the first interruption counts. */
  interrupt(interruption: Interruption, graceEndsAt: number): void {
    if (this.interruption) return;
    this.interruption = interruption;
    this.dueAt = graceEndsAt;
    if (this.#controller) this.#abort(interruption);
  }

  /** The outcome to report, given how the handler ended. */
  conclude(own: Outcome): Outcome {
    if (!this.interruption) return own;
    const finishedAnyway = own.outcome === "succeeded" || own.outcome === "failed";
    const keepsOwn = this.interruption.kind === "released" && finishedAnyway;
    return keepsOwn ? own : this.interruption.outcome;
  }

  #abort(interruption: Interruption): void {
    const name = interruption.kind === "timed_out" ? "TimeoutError" : "AbortError";
    this.#controller?.abort(new DOMException(`the job was stopped: ${interruption.kind}`, name));
  }
}
