import type { JsonText } from "../core/encoding/json.ts";
import type { JobHandler } from "../core/job/handler.ts";
import { errored, type Outcome, RELEASED, timedOut } from "../core/job/outcome.ts";
import { flushCount } from "../core/run/batch_size.ts";
import { hadFullTurn, longestAttemptMs, planEnd, type RunBudget } from "../core/run/budget.ts";
import { type EndReason, nextStep, type RunView, stopReason } from "../core/run/next_step.ts";
import type { Attempt, Interruption } from "./attempt.ts";
import { RunCalls } from "./calls.ts";
import { Outbox } from "./outbox.ts";
import { HELD_BYTES, Pacing } from "./pacing.ts";
import type { AttemptScope, AttemptTag, ClaimedJob, Clock, DeveloperView } from "./ports.ts";
import type { LoopMeter, RunLog, RunQueue, SettleReply } from "./ports.ts";
import { BoundedLog, newReport, reportFields, type RunReport } from "./run_report.ts";
import { attemptServices, logUnsuccessful } from "./run_services.ts";
import { type DrainSettings, HELD_TOO_LONG_MS, STOP_MS } from "./settings.ts";
import { Slots } from "./slots.ts";
import type { StoredBodies } from "./stored_bodies.ts";

/** The dependencies of a run, as interfaces of a few verbs. */
export interface DrainDeps {
  queue: RunQueue;
  handlers: ReadonlyMap<string, JobHandler>;
  clock: Clock;
  meter: LoopMeter;
  log: RunLog;
  /** A number in [0, 1). */
  random(): number;
  /** Returns a `traceparent` of a new trace. */
  newTraceparent(): string;
  scope: AttemptScope;
  bodies: StoredBodies;
  developer?: DeveloperView;
}

/** The reason why a run has to stop at once. */
export type StopCause = "wall_clock" | "cpu" | "memory" | "shutdown";

/** One run. It claims jobs, runs them and reports their outcomes, until its budget or work ends. */
export class Drain {
  readonly #deps: DrainDeps;
  readonly #settings: DrainSettings;
  readonly #clock: Clock;
  readonly #log: BoundedLog;
  readonly #report: RunReport;
  readonly #outbox = new Outbox();
  readonly #pacing: Pacing;
  readonly #calls: RunCalls;
  readonly #slots: Slots;
  readonly #busyAtStart: number;
  #budget: RunBudget;
  #retiring = false;
  #interrupted = false;
  #stopping: EndReason | undefined;
  #over = false;
  #wake: () => void = () => {};

  constructor(runId: number, deps: DrainDeps, settings: DrainSettings) {
    const clock = clockFromNow(deps.clock);
    const report = newReport(runId);
    const { concurrency, graceMs, maxBatch } = settings;
    const { handlers, queue, random, meter, newTraceparent, scope, bodies } = deps;
    this.#deps = deps;
    this.#settings = settings;
    this.#clock = clock;
    this.#report = report;
    this.#log = new BoundedLog(deps.log, settings.logLines);
    this.#busyAtStart = meter.busyMs();
    const limits = { min: concurrency, max: Math.max(concurrency, maxBatch) };
    this.#pacing = new Pacing(limits, settings.idlePollMs);
    this.#budget = settings.budget;
    const outbox = this.#outbox;
    const { reportMs } = this.#budget;
    this.#calls = new RunCalls(runId, { queue, outbox, clock, random, report }, reportMs);
    const services = attemptServices({
      ...{ runId, log: this.#log, newTraceparent, bodies },
      setProgress: this.#progressed.bind(this),
    });
    const mayStart = () => !this.#retiring && this.#outbox.outcomeBytes < HELD_BYTES;
    const ended = this.#ended.bind(this);
    const common = { handlers, clock, meter, scope, concurrency, graceMs };
    this.#slots = new Slots({ ...common, services, mayStart, ended });
  }

  /** Returns the tags of the attempts that run now. */
  tags(): AttemptTag[] {
    return this.#slots.tags();
  }

  /** What the run has done so far, and how many jobs it holds. */
  get progress(): RunReport & { held: number } {
    return { ...this.#report, held: this.#slots.held };
  }

  /** Runs until the run ends. Returns its report and never rejects because of a job. */
  async run(): Promise<RunReport> {
    this.#deps.meter.enter();
    while (!this.#over) await this.#takeStep();
    this.#slots.abandonAll(RELEASED);
    this.#report.cpuMs = Math.round(this.#cpuMs());
    this.#report.durationMs = Math.round(this.#clock.now());
    const { suppressed } = this.#log;
    this.#deps.log.write("info", "run_finished", { ...reportFields(this.#report), suppressed });
    return this.#report;
  }

  /**
   * Ends the run gracefully: it claims no more and releases what has not started. Handlers may end
   * within `graceMs`, then they are aborted and their jobs released.
   */
  retire(graceMs: number): void {
    if (this.#retiring || this.#stopping || this.#over) return;
    this.#retiring = true;
    this.#budget = planEnd(this.#clock.now(), graceMs);
    this.#calls.endsAt = this.#budget.endMs;
    this.#wake();
  }

  /**
   * Stops at once: handlers are aborted, finished outcomes reported, all other jobs released. A job
   * that runs when CPU or memory is exhausted uses up its attempt. Released, it would end one
   * isolate after the other, forever.
   */
  stop(cause: StopCause): void {
    if (this.#stopping || this.#over) return;
    this.#stopping = cause === "memory" ? "shutdown" : cause;
    const started = this.#slots.abandonAll(RELEASED);
    if (cause === "cpu" || cause === "memory") {
      const blame = errored(`${cause}_limit`, `the worker ran out of ${cause} while this job ran`);
      for (const job of started) this.#ended(job, blame, undefined);
    }
    this.#calls.stop(this.#clock.now() + STOP_MS);
    this.#wake();
  }

  async #takeStep(): Promise<void> {
    if (this.#calls.ended) return this.#giveUp();
    if (this.#stopping) return await this.#finish(this.#stopping);
    this.#keepBudget();
    const step = nextStep(this.#view());
    if (step.kind === "wait") return await this.#sleep(step.until);
    if (step.kind === "call") return await this.#call(step.limit);
    if (step.kind === "finish") {
      return await this.#finish(this.#retiring ? "shutdown" : step.reason);
    }
    if (step.kind === "heartbeat") return this.#slots.cancel(await this.#calls.heartbeat() ?? []);
    await this.#calls.recover(new Set([...this.#slots.jobIds(), ...this.#outbox.jobIds()]));
  }

  async #call(limit: number): Promise<void> {
    this.#pacing.adapt(this.#outbox.outcomeCount);
    const maxBytes = this.#pacing.claimBytes(this.#heldBytes());
    const reply = await this.#calls.report(limit, maxBytes);
    this.#deps.meter.enter();
    if (!reply && this.#calls.replyTooLarge) this.#pacing.noteReplyTooLarge();
    // The last call of a stopping run releases jobs it still receives.
    if (!reply || this.#stopping) return;
    this.#report.stale += reply.stale.length;
    this.#report.claimed += reply.jobs.length;
    if (limit > 0 && !reply.unsent) this.#noteClaim(reply, { limit, maxBytes });
    this.#slots.add(reply.jobs);
    this.#slots.cancel(reply.abort);
  }

  #noteClaim(reply: SettleReply, claim: { limit: number; maxBytes: number }): void {
    const { clock } = this.#deps;
    const { jobs, bytes = 0 } = reply;
    for (const job of jobs) job.bytes = bytes / jobs.length;
    this.#pacing.noteClaim(reply, claim, this.#slots.held, this.#clock.now(), clock.epoch());
  }

  /** Reports what is left, within the budget, and ends the run. */
  async #finish(reason: EndReason): Promise<void> {
    this.#report.reason = reason;
    if (!this.#stopping) this.#calls.endsAt = this.#budget.endMs;
    this.#slots.endInterrupted();
    await this.#calls.reportRest();
    await this.#calls.finish(reason, Math.round(this.#cpuMs()));
    this.#over = true;
  }

  #giveUp(): void {
    this.#report.reason = "run_ended";
    this.#over = true;
  }

  #keepBudget(): void {
    const { waitingSince } = this.#slots;
    const now = this.#clock.now();
    if (waitingSince !== undefined) {
      const heldTooLong = now - waitingSince >= HELD_TOO_LONG_MS;
      if (heldTooLong) this.#pacing.slowDown();
      if (heldTooLong || stopReason(this.#view())) this.#slots.releaseWaiting();
    }
    if (this.#interrupted || now < this.#budget.interruptMs) return;
    this.#interrupted = true;
    this.#slots.interruptAll((attempt) => this.#endOfRun(attempt, now));
  }

  #endOfRun(attempt: Attempt, now: number): Interruption {
    if (!hadFullTurn(now - attempt.startedAt, this.#budget)) {
      return { kind: "released", outcome: RELEASED };
    }
    const outcome = timedOut("wall_clock_exceeded", tooLong(this.#settings.wallClockMs));
    return { kind: "timed_out", outcome };
  }

  #ended(job: ClaimedJob, outcome: Outcome, heldMs: number | undefined, thrown?: unknown): void {
    this.#outbox.addOutcome(job, outcome, this.#clock.now());
    if (heldMs !== undefined) this.#pacing.noteEnded(heldMs);
    if (outcome.outcome === "succeeded") this.#report.succeeded++;
    else if (outcome.outcome === "released") this.#report.released++;
    else {
      this.#report.unsuccessful++;
      const { developer, newTraceparent } = this.#deps;
      developer?.unsuccessful(job, outcome, thrown);
      logUnsuccessful(this.#report.runId, this.#log, job, outcome, newTraceparent);
    }
    // A wake-up for every job would cost more than a no-op job itself.
    if (this.#slots.held === 0) this.#wake();
    else if (
      this.#outbox.outcomeCount === 1 ||
      this.#outbox.outcomeCount === flushCount(this.#pacing.batchSize)
    ) {
      this.#deps.meter.afterTurn(() => this.#wake());
    }
  }

  #progressed(jobId: string, value: JsonText): void {
    const first = !this.#outbox.hasProgress;
    this.#outbox.setProgress(jobId, value);
    if (first) this.#deps.meter.afterTurn(() => this.#wake());
  }

  async #sleep(until: number): Promise<void> {
    let cancel = () => {};
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      cancel = this.#clock.setTimer(resolve, Math.max(0, until - this.#clock.now()));
    });
    cancel();
    this.#wake = () => {};
    this.#deps.meter.enter();
  }

  #heldBytes(): number {
    return this.#slots.heldBytes + this.#outbox.outcomeBytes;
  }

  #cpuMs(): number {
    return this.#deps.meter.busyMs() - this.#busyAtStart;
  }

  #view(): RunView {
    const { batchSize, dueSoon, idleClaims, nextPollAt } = this.#pacing;
    const { claimLost, lastCallAt, notBefore } = this.#calls;
    const { held, waitingSince } = this.#slots;
    return {
      ...{ batchSize, dueSoon, idleClaims, nextPollAt, claimLost, lastCallAt, notBefore, held },
      now: this.#clock.now(),
      budget: this.#budget,
      staysIdle: this.#settings.idlePollMs !== undefined,
      cpuExhausted: this.#cpuMs() >= this.#settings.cpuMs,
      heldTooLongAt: waitingSince === undefined ? Infinity : waitingSince + HELD_TOO_LONG_MS,
      outcomes: this.#outbox.outcomeCount,
      affordable: this.#pacing.affordable(this.#heldBytes()),
      outcomeBytes: this.#outbox.outcomeBytes,
      firstOutcomeAt: this.#outbox.firstOutcomeAt,
      repeatAt: this.#outbox.repeatAt,
      progressWaiting: this.#outbox.hasProgress,
    };
  }
}

function tooLong(wallClockMs: number): string {
  const limit = longestAttemptMs(wallClockMs);
  return `an attempt can last ${limit} ms, because JOBFORGE_WALL_CLOCK_MS is ${wallClockMs}. ` +
    `Set it to the limit of your plan, or split the job`;
}

function clockFromNow(clock: Clock): Clock {
  const start = clock.now();
  return {
    now: () => clock.now() - start,
    epoch: () => clock.epoch(),
    setTimer: (callback, ms) => clock.setTimer(callback, ms),
  };
}
