import type { JobHandler } from "../core/job/handler.ts";
import { errored, type Outcome, outcomeOfThrown, RELEASED } from "../core/job/outcome.ts";
import { timedOut } from "../core/job/outcome.ts";
import { Attempt, type AttemptServices, type Interruption } from "./attempt.ts";
import { execute } from "./execute.ts";
import type { AttemptScope, AttemptTag, ClaimedJob, Clock, LoopMeter } from "./ports.ts";
import { DeadlineTimer } from "./deadline_timer.ts";
import { Waiting } from "./waiting.ts";

/** The dependencies of the slots. Times in milliseconds. */
export interface SlotDeps {
  handlers: ReadonlyMap<string, JobHandler>;
  clock: Clock;
  meter: LoopMeter;
  services: AttemptServices;
  scope: AttemptScope;
  concurrency: number;
  /** Time for a stopped handler to end before it is abandoned. */
  graceMs: number;
  /** Returns whether another job may start, by what waits to be reported. */
  mayStart(): boolean;
  /**
   * Callback for every finished job. `heldMs` counts from its claim, undefined if never started.
   * `thrown` is what its handler threw.
   */
  ended(job: ClaimedJob, outcome: Outcome, heldMs: number | undefined, thrown?: unknown): void;
}

/** Maximum milliseconds a handler may block a turn before the next one waits for another turn. */
const MAX_TURN_MS = 20;
/** Milliseconds charged to a job that outlived its turn, whose later turns cannot be measured. */
const UNMEASURED_MS_PER_JOB = 1;

/**
 * The slots of a run. They run at most `concurrency` claimed jobs and end those over their time.
 */
export class Slots {
  readonly #deps: SlotDeps;
  readonly #waiting = new Waiting();
  readonly #running = new Map<string, Attempt>();
  readonly #deadlines: DeadlineTimer;
  #yielding = false;
  #bytes = 0;

  constructor(deps: SlotDeps) {
    this.#deps = deps;
    this.#deadlines = new DeadlineTimer(deps.clock, () => this.#endOverdue());
  }

  get held(): number {
    return this.#waiting.count + this.#running.size;
  }
  /** Bytes of the claimed jobs that have not ended. */
  get heldBytes(): number {
    return this.#bytes;
  }
  get waitingSince(): number | undefined {
    return this.#waiting.since;
  }

  jobIds(): string[] {
    return [...this.#running.keys(), ...this.#waiting.list().map((job) => job.id)];
  }

  /** Adds a claimed batch and starts the jobs that find a free slot. */
  add(jobs: ClaimedJob[]): void {
    for (const job of jobs) this.#bytes += job.bytes ?? 0;
    this.#waiting.add(jobs, this.#deps.clock.now());
    this.fill();
  }

  /** Starts waiting jobs in free slots. */
  fill(): void {
    const { concurrency, mayStart, meter } = this.#deps;
    while (this.#running.size < concurrency && this.#waiting.count > 0 && mayStart()) {
      if (meter.lasted() > MAX_TURN_MS) return this.#fillNextTurn();
      this.#startNext();
    }
  }

  /** Releases every job that has not started. Returns their number. */
  releaseWaiting(): number {
    const jobs = this.#waiting.takeAll();
    for (const job of jobs) this.#endWaiting(job, RELEASED);
    return jobs.length;
  }

  /** Stops the jobs the database listed, started or not. */
  cancel(jobIds: readonly string[]): void {
    const outcome = errored("canceled", "the job was canceled while it ran");
    for (const id of jobIds) {
      const attempt = this.#running.get(id);
      const waiting = attempt ? undefined : this.#waiting.remove(id);
      if (attempt) this.#interrupt(attempt, { kind: "canceled", outcome });
      if (waiting) this.#endWaiting(waiting, outcome);
    }
  }

  /** Aborts all running attempts, each for the reason of `why`. */
  interruptAll(why: (attempt: Attempt) => Interruption): void {
    for (const attempt of this.#running.values()) this.#interrupt(attempt, why(attempt));
  }

  /** Ends the running attempts that were interrupted, without waiting for their handlers. */
  endInterrupted(): void {
    for (const attempt of [...this.#running.values()]) {
      if (attempt.interruption) this.#leave(attempt, attempt.interruption.outcome);
    }
  }

  /** Returns the tags of the running attempts. */
  tags(): AttemptTag[] {
    return [...this.#running.values()].map(({ tag }) => tag);
  }

  /** Aborts and forgets all handlers. Returns the jobs that had started. */
  abandonAll(outcome: Outcome): ClaimedJob[] {
    const started = [...this.#running.values()];
    this.#waiting.takeAll();
    this.#running.clear();
    this.#bytes = 0;
    this.#deadlines.cancel();
    for (const attempt of started) {
      attempt.interrupt({ kind: "shutdown", outcome }, Infinity);
      attempt.end();
    }
    return started.map((attempt) => attempt.job);
  }

  #fillNextTurn(): void {
    if (this.#yielding) return;
    this.#yielding = true;
    this.#deps.clock.setTimer(() => {
      this.#yielding = false;
      this.fill();
    }, 0);
  }

  #startNext(): void {
    const { clock, handlers, services, scope, meter } = this.#deps;
    const next = this.#waiting.take();
    if (!next) return;
    const attempt = new Attempt(next.job, next.claimedAt, clock.now(), meter.enter(), services);
    this.#running.set(next.job.id, attempt);
    this.#deadlines.by(attempt.dueAt);
    const handler = handlers.get(next.job.type);
    scope.run(attempt.tag, () => execute(handler, attempt)).then(
      (own) => this.#ended(attempt, own),
      (thrown) => this.#ended(attempt, outcomeOfThrown(thrown)),
    );
  }

  #ended(attempt: Attempt, own: Outcome): void {
    const { meter } = this.#deps;
    if (meter.enter() !== attempt.turn) meter.addUnmeasured(UNMEASURED_MS_PER_JOB);
    // An abandoned attempt has left the map, so the result of its handler is too late.
    if (this.#running.get(attempt.jobId) === attempt) this.#leave(attempt, attempt.conclude(own));
  }

  #leave(attempt: Attempt, outcome: Outcome): void {
    const { job, claimedAt, thrown } = attempt;
    attempt.end();
    this.#running.delete(job.id);
    this.#bytes -= job.bytes ?? 0;
    this.#deps.ended(job, outcome, this.#deps.clock.now() - claimedAt, thrown);
    this.fill();
  }

  #endWaiting(job: ClaimedJob, outcome: Outcome): void {
    this.#bytes -= job.bytes ?? 0;
    this.#deps.ended(job, outcome, undefined);
  }

  #interrupt(attempt: Attempt, interruption: Interruption): void {
    attempt.interrupt(interruption, this.#deps.clock.now() + this.#deps.graceMs);
    this.#deadlines.by(attempt.dueAt);
  }

  #endOverdue(): void {
    const now = this.#deps.clock.now();
    for (const attempt of [...this.#running.values()]) {
      if (attempt.dueAt > now) continue;
      if (attempt.interruption) this.#leave(attempt, attempt.interruption.outcome);
      else this.#interrupt(attempt, timeoutOf(attempt));
    }
    for (const attempt of this.#running.values()) this.#deadlines.by(attempt.dueAt);
  }
}

function timeoutOf(attempt: Attempt): Interruption {
  const { job: { timeout_ms }, tag: { uncaught } } = attempt;
  const before = uncaught ? `. Before, it threw outside its promise: ${uncaught}` : "";
  const message = `the job did not end within its timeout of ${timeout_ms} ms${before}`;
  return { kind: "timed_out", outcome: timedOut("timed_out", message) };
}
