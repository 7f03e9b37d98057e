import type { Bytes } from "../core/encoding/bytes.ts";
import type { JobContext } from "../core/job/handler.ts";
import type { Outcome } from "../core/job/outcome.ts";
import type { AttemptTag, ClaimedJob } from "./ports.ts";
import type { OpenBody } from "./stored_bodies.ts";

/** The reason to stop a running attempt. */
export type InterruptionKind = "timed_out" | "canceled" | "released" | "shutdown";

/** An order to stop, with the outcome to report if the handler does not end by itself. */
export interface Interruption {
  kind: InterruptionKind;
  outcome: Outcome;
}

/** The services an attempt uses. */
export interface AttemptServices {
  progress(attempt: Attempt, value: unknown): void;
  log(
    attempt: Attempt,
    message: string,
    values: Record<string, unknown> | undefined,
  ): void;
  openBody(attempt: Attempt): OpenBody;
  traceparent(job: ClaimedJob): string;
  tag(job: ClaimedJob): AttemptTag;
}

/**
 * One attempt of one job, and the context of its handler. It is created for every job, so it holds
 * no timer. It creates an AbortController only when the signal is first read.
 */
export class Attempt implements JobContext {
  readonly job: ClaimedJob;
  readonly tag: AttemptTag;
  readonly claimedAt: number;
  readonly startedAt: number;
  /** Turn of the event loop in which the handler started. */
  readonly turn: number;
  /** The moment for the deadline timer: the deadline, later the end of the grace. */
  dueAt: number;
  interruption: Interruption | undefined;
  /** True once the outcome is decided. What the handler does later no longer counts. */
  isOver = false;
  /** What the handler threw, for a developer's terminal. */
  thrown: unknown;
  #body: OpenBody | undefined;
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
    this.tag = services.tag(job);
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

  // Arrow functions, so that handlers may destructure the context.
  readonly progress = (value: unknown): void => this.#services.progress(this, value);
  readonly log = (message: string, values?: Record<string, unknown>): void =>
    this.#services.log(this, message, values);
  readonly storedBody = async (): Promise<Bytes> => {
    if (this.isOver) throw new DOMException("the job has ended", "AbortError");
    const body = this.#body ??= this.#services.openBody(this);
    return await body.bytes.catch((thrown) => {
      // Asked again, it is read again.
      if (this.#body === body) this.#body = undefined;
      body.release();
      throw thrown;
    });
  };

  /** Ends the attempt: its outcome is decided, and its stored body counts no longer. */
  end(): void {
    this.isOver = true;
    this.#body?.release();
  }

  /** Aborts the handler. Only the first interruption counts. */
  interrupt(interruption: Interruption, graceEndsAt: number): void {
    if (this.interruption) return;
    this.interruption = interruption;
    this.dueAt = graceEndsAt;
    if (this.#controller) this.#abort(interruption);
  }

  /** Returns the outcome to report, given the handler's own. */
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
