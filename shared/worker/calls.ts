import { JobForgeError } from "../core/errors.ts";
import { retryDelayMs } from "../core/run/retry_delay.ts";
import type { EndReason } from "../core/run/next_step.ts";
import { Leases } from "./leases.ts";
import { MAX_REPORT_OUTCOMES, type Outbox } from "./outbox.ts";
import { type Clock, ReplyTooLargeError, type Report } from "./ports.ts";
import type { RunQueue, SettleReply } from "./ports.ts";
import { codeAboutContent, Reporter } from "./report.ts";
import type { RunReport } from "./run_report.ts";

/** The dependencies of a run's calls. `clock` counts from the start of the run. */
export interface CallDeps {
  queue: RunQueue;
  outbox: Outbox;
  clock: Clock;
  random(): number;
  report: RunReport;
}

/** Maximum milliseconds of a call. A lease lasts 45 s. */
const MAX_CALL_MS = 10_000;
const MIN_CALL_MS = 250;
/** Milliseconds that a call may still take when its run is stopped. */
const STOPPED_CALL_MS = 1_000;
const LAST_TRIES = 3;
const REPEAT_REST_MS = 100;

/** The database calls of one run, one at a time, and the meaning of their failures. */
export class RunCalls {
  /** Moment by which calls have to return. */
  endsAt: number;
  /** Earliest moment of a call after a failed one. 0 when the last call worked. */
  notBefore = 0;
  /** Time of the last call that extended the leases. */
  lastCallAt = 0;
  /** True after a failed claim: the database may have leased jobs to this run. */
  claimLost = false;
  /** True once the database gave up this run. Its replies no longer count. */
  ended = false;
  /** True after a claim whose reply was given up at its bound. */
  replyTooLarge = false;
  #failures = 0;
  /** Outcomes of the next report. It halves when a report fails, in case its size is the reason. */
  #reportSize = MAX_REPORT_OUTCOMES;
  #share = 1;
  #giveUp: () => void = () => {};
  readonly #runId: number;
  readonly #deps: CallDeps;
  readonly #reporter: Reporter;
  readonly #leases = new Leases();

  constructor(runId: number, deps: CallDeps, endsAt: number) {
    this.#runId = runId;
    this.#deps = deps;
    this.#reporter = new Reporter({ settleAndClaim: this.#settleAndClaim.bind(this) }, runId);
    this.endsAt = endsAt;
  }

  /**
   * Reports the outbox and claims. Returns undefined when the call failed. Outcomes whose delay
   * ends after `dueAt` are left.
   */
  async report(
    limit: number,
    maxBytes: number,
    dueAt: number = this.#deps.clock.now(),
  ): Promise<SettleReply | undefined> {
    const { outbox, clock } = this.#deps;
    const entries = outbox.takeOutcomes(dueAt, this.#reportSize);
    const outcomes = entries.map(({ outcome }) => outcome);
    const report = { outcomes, progress: outbox.takeProgress(), limit, maxBytes };
    const reply = await this.#try(() => this.#reporter.send(report));
    if (!reply) {
      outbox.returnOutcomes(entries, clock.now());
      outbox.returnProgress(report.progress);
      this.claimLost ||= limit > 0;
      this.#reportSize = Math.max(1, Math.ceil(entries.length / 2));
      return undefined;
    }
    const { later = [], unsent = [] } = reply;
    const of = (ids: string[]) => entries.filter(({ outcome }) => ids.includes(outcome.id));
    outbox.keepOutcomes(of(later), of(unsent), clock.now());
    this.#reportSize = Math.min(MAX_REPORT_OUTCOMES, this.#reportSize * 2);
    return reply;
  }

  /** Reports all that is left, within the time that is left. Tries three times. */
  async reportRest(): Promise<void> {
    const { outbox, clock } = this.#deps;
    this.#reportSize = MAX_REPORT_OUTCOMES;
    // Half of the time that is left is for the end of the run.
    this.#share = 0.5;
    for (let tries = 0; tries < LAST_TRIES && !outbox.isEmpty && !this.ended;) {
      const before = outbox.jobIds().length;
      await this.report(0, 0, Infinity);
      if (outbox.jobIds().length < before) continue;
      if (++tries === LAST_TRIES || clock.now() >= this.endsAt) return;
      await this.#pause(REPEAT_REST_MS);
    }
  }

  /** Extends the leases. Returns the jobs to stop, or undefined when the call failed. */
  async heartbeat(): Promise<string[] | undefined> {
    const { outbox, queue } = this.#deps;
    let progress = outbox.takeProgress();
    const call = async () => {
      try {
        return await queue.heartbeat(this.#runId, progress);
      } catch (thrown) {
        if (progress.length === 0 || codeAboutContent(thrown) === undefined) throw thrown;
        // Progress that is rejected is dropped, and costs the run no lease.
        progress = [];
        return await queue.heartbeat(this.#runId, progress);
      }
    };
    const reply = await this.#try(() => this.#within(call));
    if (!reply) outbox.returnProgress(progress);
    return reply?.abort;
  }

  /** Releases jobs leased by a lost claim, so that they do not wait for the lease to expire. */
  async recover(knownIds: ReadonlySet<string>): Promise<void> {
    const { queue } = this.#deps;
    const call = () => queue.releaseUnknown(this.#runId, knownIds);
    const released = await this.#try(() => this.#within(call));
    if (released !== undefined) this.claimLost = false;
  }

  /** Reports the end of the run. When that fails for good, its leases expire. */
  async finish(reason: EndReason, cpuMs: number): Promise<void> {
    const { clock, queue } = this.#deps;
    const call = () => queue.finish(this.#runId, reason, cpuMs).then(() => true);
    this.#share = 1;
    for (let tries = 1; tries <= LAST_TRIES && !this.ended; tries++) {
      if (await this.#try(() => this.#within(call)) || this.ended || tries === LAST_TRIES) return;
      const left = (this.endsAt - clock.now()) / 2;
      await this.#pause(Math.max(0, Math.min(this.notBefore - clock.now(), left)));
    }
  }

  /** Ends soon: calls return by `endsAt`, and the present one in a second. */
  stop(endsAt: number): void {
    this.endsAt = Math.min(this.endsAt, endsAt);
    const giveUp = this.#giveUp;
    this.#deps.clock.setTimer(giveUp, STOPPED_CALL_MS);
  }

  async #settleAndClaim(runId: number, report: Report): Promise<SettleReply> {
    const grouped = this.#leases.group(report);
    const reply = await this.#within(() => this.#deps.queue.settleAndClaim(runId, grouped));
    this.#deps.report.stale += this.#leases.confirm(report.outcomes, reply);
    return reply;
  }

  async #try<Reply>(call: () => Promise<Reply>): Promise<Reply | undefined> {
    const { clock, report } = this.#deps;
    report.calls++;
    try {
      const reply = await call();
      this.#failures = 0;
      this.notBefore = 0;
      this.lastCallAt = clock.now();
      return reply;
    } catch (thrown) {
      this.#failed(thrown);
      return undefined;
    }
  }

  /** Gives a call up that does not return in time. What it does later no longer counts. */
  async #within<Reply>(call: () => Promise<Reply>): Promise<Reply> {
    const { clock } = this.#deps;
    const ms = (this.endsAt - clock.now()) * this.#share;
    let cancel = () => {};
    const late = new Promise<never>((_resolve, reject) => {
      this.#giveUp = () => reject(new JobForgeError("unavailable", "no answer in time"));
      const patience = Math.min(Math.max(ms, MIN_CALL_MS), MAX_CALL_MS);
      cancel = clock.setTimer(this.#giveUp, patience);
    });
    try {
      return await Promise.race([call(), late]);
    } finally {
      cancel();
    }
  }

  #failed(thrown: unknown): void {
    const { clock, random, report } = this.#deps;
    report.failedCalls++;
    if (thrown instanceof JobForgeError && thrown.code === "run_ended") {
      this.ended = true;
      return;
    }
    this.replyTooLarge = thrown instanceof ReplyTooLargeError;
    this.#failures++;
    this.notBefore = clock.now() + retryDelayMs(this.#failures, random());
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#deps.clock.setTimer(resolve, ms));
  }
}
