import { JobForgeError } from "../core/errors.ts";
import { retryDelayMs } from "../core/run/retry_delay.ts";
import type { EndReason } from "../core/run/next_step.ts";
import type { Outbox } from "./outbox.ts";
import type { Clock, RunQueue, SettleReply } from "./ports.ts";
import { reportAndClaim } from "./report.ts";
import type { RunReport } from "./run_report.ts";

/** The dependencies of a run's calls. `clock` counts from the start of the run. */
export interface CallDeps {
  queue: RunQueue;
  outbox: Outbox;
  clock: Clock;
  random(): number;
  report: RunReport;
}

const FINISH_TRIES = 3;

/** The database calls of one run, one at a time, and the meaning of their failures. */
export class RunCalls {
  /** Earliest moment of a call after a failed one. 0 when the last call worked. */
  notBefore = 0;
  /** Time of the last call that extended the leases. */
  lastCallAt = 0;
  /** True after a failed claim: the database may have leased jobs to this run. */
  claimLost = false;
  /** True once the database gave up this run. Its replies no longer count. */
  ended = false;
  #failures = 0;
  readonly #runId: number;
  readonly #deps: CallDeps;

  constructor(runId: number, deps: CallDeps) {
    this.#runId = runId;
    this.#deps = deps;
  }

  /** Reports the outbox and claims. Returns undefined when the call failed. */
  async report(limit: number): Promise<SettleReply | undefined> {
    const { outbox, queue, clock } = this.#deps;
    const entries = outbox.takeOutcomes();
    const outcomes = entries.map(({ outcome }) => outcome);
    const progress = outbox.takeProgress();
    const reply = await this.#try(() =>
      reportAndClaim(queue, this.#runId, outcomes, limit, progress)
    );
    if (!reply) {
      outbox.returnOutcomes(entries, clock.now());
      this.claimLost ||= limit > 0;
    }
    return reply;
  }

  /** Extends the leases. Returns the jobs to stop, or undefined when the call failed. */
  async heartbeat(): Promise<string[] | undefined> {
    const { outbox, queue } = this.#deps;
    const progress = outbox.takeProgress();
    return (await this.#try(() => queue.heartbeat(this.#runId, progress)))?.abort;
  }

  /** Releases jobs leased by a lost claim, so that they do not wait for the lease to expire. */
  async recover(knownIds: ReadonlySet<string>): Promise<void> {
    const { queue } = this.#deps;
    const released = await this.#try(() => queue.releaseUnknown(this.#runId, knownIds));
    if (released !== undefined) this.claimLost = false;
  }

  /** Reports the end of the run. When that fails for good, its leases expire. */
  async finish(reason: EndReason, cpuMs: number): Promise<void> {
    for (let tries = 0; tries < FINISH_TRIES && !this.ended; tries++) {
      const call = () => this.#deps.queue.finish(this.#runId, reason, cpuMs).then(() => true);
      if (await this.#try(call)) return;
      if (tries + 1 < FINISH_TRIES && !this.ended) await this.#pause();
    }
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

  #failed(thrown: unknown): void {
    const { clock, random, report } = this.#deps;
    report.failedCalls++;
    if (thrown instanceof JobForgeError && thrown.code === "run_ended") {
      this.ended = true;
      return;
    }
    this.#failures++;
    this.notBefore = clock.now() + retryDelayMs(this.#failures, random());
  }

  #pause(): Promise<void> {
    const { clock } = this.#deps;
    return new Promise((resolve) => clock.setTimer(resolve, this.notBefore - clock.now()));
  }
}
