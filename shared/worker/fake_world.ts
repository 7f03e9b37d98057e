import { JobForgeError } from "../core/errors.ts";
import { indexHandlers, type JobHandler } from "../core/job/handler.ts";
import { planRun } from "../core/run/budget.ts";
import { Drain, type DrainDeps } from "./drain.ts";
import type {
  ClaimedJob,
  Clock,
  LoopMeter,
  Report,
  ReportedOutcome,
  ReportedProgress,
  RunQueue,
  SettleReply,
} from "./ports.ts";
import type { RunReport } from "./run_report.ts";
import { StoredBodies } from "./stored_bodies.ts";
import type { DrainSettings } from "./settings.ts";

/** A clock that only a test moves. It starts at 0. */
export class FakeClock implements Clock {
  #now = 0;
  #timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }
  epoch(): number {
    return 1_700_000_000_000 + this.#now;
  }
  setTimer(callback: () => void, ms: number): () => void {
    const timer = { at: this.#now + Math.max(0, ms), callback };
    this.#timers.push(timer);
    return () => this.#timers = this.#timers.filter((other) => other !== timer);
  }

  /**
   * Advances the time by `ms`. Every timer fires at its time, and its effects come before the next
   * one.
   */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await tasksDone();
      const due = this.#timers.filter((timer) => timer.at <= until);
      due.sort((left, right) => left.at - right.at);
      const next = due[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = until;
    await tasksDone();
  }
}

/** Resolves after everything that needs no time. */
function tasksDone(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** An outcome as the database reads it. */
export interface StoredOutcome extends Omit<ReportedOutcome, "result"> {
  result?: unknown;
}

/** One call of a run. */
export interface FakeCall {
  at: number;
  name: "settle" | "heartbeat" | "release" | "finish";
  limit: number;
  outcomes: ReportedOutcome[];
  detail: unknown;
}

/** A queue in memory. Put jobs into `ready` and errors into `failures`, then read `calls`. */
export class FakeQueue implements RunQueue {
  ready: ClaimedJob[] = [];
  abort: string[] = [];
  nextAt: string | null = null;
  readonly calls: FakeCall[] = [];
  readonly outcomes = new Map<string, StoredOutcome>();
  /** Jobs that were claimed and have no outcome yet, by the token of their lease. */
  readonly leased = new Map<number, ClaimedJob[]>();
  /** Tokens of the leases that were settled as a whole. */
  readonly wholeLeases: number[] = [];
  /** Errors of the next calls. `true` executes a call but loses its reply, `hang` never ends. */
  failures: (Error | true | "hang")[] = [];
  /** Throws, or returns whether the database rejects an outcome. */
  refuses: (outcome: ReportedOutcome) => boolean = () => false;
  /** Returns whether the database cannot record an outcome yet. */
  postpones: (outcome: ReportedOutcome) => boolean = () => false;
  /** Returns whether the database rejects progress. */
  refusesProgress: (progress: ReportedProgress[]) => boolean = () => false;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async settleAndClaim(_runId: number, report: Report): Promise<SettleReply> {
    const { progress, limit, leases = [] } = report;
    const whole = leases.flatMap((token) => this.leased.get(token) ?? []).map(outcomeOfLeased);
    const outcomes = [...report.outcomes, ...whole];
    return await this.#call("settle", limit, outcomes, plain(progress), () => {
      if (outcomes.some(this.refuses) || this.refusesProgress(progress)) {
        throw new JobForgeError("invalid_argument", "refused");
      }
      const recorded = outcomes.filter((outcome) => !this.postpones(outcome));
      for (const outcome of recorded) this.#record(outcome);
      this.wholeLeases.push(...leases);
      const jobs = this.ready.splice(0, limit);
      for (const job of jobs) this.#lease(job);
      const later = outcomes.filter(this.postpones).map(({ id }) => id);
      const next_at = jobs.length > 0 ? null : this.nextAt;
      const bytes = JSON.stringify(jobs).length;
      return {
        ...{ settled: recorded.length, stale: [], later, jobs, abort: this.abort, next_at, bytes },
      };
    });
  }
  async heartbeat(
    _runId: number,
    progress: ReportedProgress[],
  ): Promise<{ abort: string[] }> {
    return await this.#call("heartbeat", 0, [], plain(progress), () => ({ abort: this.abort }));
  }
  async releaseUnknown(_runId: number, knownIds: ReadonlySet<string>): Promise<number> {
    return await this.#call("release", 0, [], [...knownIds], () => 0);
  }
  async finish(_runId: number, reason: string): Promise<void> {
    await this.#call("finish", 0, [], reason, () => undefined);
  }

  named(name: FakeCall["name"]): FakeCall[] {
    return this.calls.filter((call) => call.name === name);
  }

  #lease(job: ClaimedJob): void {
    this.leased.set(job.lease_token, [...this.leased.get(job.lease_token) ?? [], job]);
  }

  #record(outcome: ReportedOutcome): void {
    this.outcomes.set(outcome.id, stored(outcome));
    const others = this.leased.get(outcome.lease_token) ?? [];
    this.leased.set(outcome.lease_token, others.filter(({ id }) => id !== outcome.id));
  }

  async #call<Reply>(
    name: FakeCall["name"],
    limit: number,
    outcomes: ReportedOutcome[],
    detail: unknown,
    work: () => Reply,
  ): Promise<Reply> {
    this.calls.push({ at: this.#clock.now(), name, limit, outcomes, detail });
    await Promise.resolve();
    const failure = this.failures.shift();
    if (failure === "hang") await new Promise(() => {});
    if (failure instanceof Error) throw failure;
    const reply = work();
    if (failure) throw new JobForgeError("unavailable", "the reply got lost");
    return reply;
  }
}

function outcomeOfLeased({ tenant_id, id, lease_token }: ClaimedJob): ReportedOutcome {
  return { tenant_id, id, lease_token, outcome: "succeeded" };
}

function stored({ result, ...outcome }: ReportedOutcome): StoredOutcome {
  return result ? { ...outcome, result: JSON.parse(result.text) } : outcome;
}

function plain(progress: ReportedProgress[]): unknown {
  return progress.map(({ id, progress: { text } }) => ({ id, progress: JSON.parse(text) }));
}

/** A run on fakes. Start it with `start()` and move the time with `clock.advance()`. */
export class FakeWorld {
  readonly clock = new FakeClock();
  readonly queue = new FakeQueue(this.clock);
  readonly lines: { event: string; fields: Record<string, unknown> }[] = [];
  /** What a developer's terminal showed. */
  readonly shown: { jobId: string; thrown: unknown }[] = [];
  busyMs = 0;
  report: RunReport | undefined;
  readonly drain: Drain;

  constructor(handlers: JobHandler[], settings: Partial<DrainSettings> = {}) {
    const deps: DrainDeps = {
      queue: this.queue,
      handlers: indexHandlers(handlers),
      clock: this.clock,
      meter: this.#meter(),
      log: {
        write: (_level, event, fields) => void this.lines.push({ event, fields: { ...fields } }),
      },
      random: () => 1,
      newTraceparent: () => "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
      scope: { run: (_tag, callback) => callback() },
      bodies: new StoredBodies(() => Promise.reject(new Error("no body is stored")), this.clock),
      developer: {
        unsuccessful: (job, _outcome, thrown) => void this.shown.push({ jobId: job.id, thrown }),
      },
    };
    this.drain = new Drain(1, deps, {
      concurrency: 20,
      maxBatch: 200,
      budget: planRun(60_000),
      wallClockMs: 60_000,
      cpuMs: 1_000,
      graceMs: 1_000,
      logLines: 20,
      ...settings,
    });
  }

  start(): void {
    this.drain.run().then((report) => this.report = report);
  }

  #meter(): LoopMeter {
    let turn = 0;
    return {
      enter: () => turn,
      lasted: () => 0,
      afterTurn: (callback) => void this.clock.setTimer(() => (turn++, callback()), 0),
      addUnmeasured: (ms) => void (this.busyMs += ms),
      busyMs: () => this.busyMs,
    };
  }
}

let made = 0;

/** Returns jobs of one type, each with its own ID. */
export function jobs(
  count: number,
  type: string,
  changes: Partial<ClaimedJob> = {},
): ClaimedJob[] {
  return Array.from({ length: count }, () => ({
    id: `00000000-0000-7000-8000-${String(++made).padStart(12, "0")}`,
    tenant_id: "11111111-1111-4111-8111-111111111111",
    queue: "default",
    type,
    payload: {},
    attempt: 1,
    max_attempts: 5,
    lease_token: made,
    timeout_ms: 30_000,
    traceparent: null,
    created_at: "2026-11-22T00:00:00Z",
    run_at: "2026-11-22T00:00:00Z",
    ...changes,
  }));
}
