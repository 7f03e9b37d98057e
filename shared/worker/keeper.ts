import { type ErrorCode, JobForgeError } from "../core/errors.ts";
import { retryDelayMs } from "../core/run/retry_delay.ts";
import { versionProblemOf } from "../core/version.ts";
import type { Clock, RunLog } from "./ports.ts";
import { addReport, newReport, type RunReport } from "./run_report.ts";

/** A run that goes on until it is retired, or the database gives it up. */
export interface KeptRun {
  run(): Promise<RunReport>;
  retire(graceMs: number): void;
  readonly progress: RunReport & { held: number };
}

/** The dependencies of a worker that keeps a run alive. */
export interface KeeperDeps {
  /** Starts a run and returns its id. Throws JobForgeError. */
  startRun(): Promise<number>;
  openRun(runId: number): KeptRun;
  /** Ends a run after a fault of the worker itself. */
  giveUp(runId: number): Promise<void>;
  /** Callback for a new state, before a job of the run starts. */
  changed(state: KeeperState): void;
  clock: Clock;
  /** A number in [0, 1). */
  random(): number;
  log: RunLog;
}

/** What a worker has done since it started. */
export interface KeeperState {
  state: "starting" | "running" | "stopping";
  runId: number | null;
  held: number;
  /** Why the schema does not serve the version of this worker, as long as it does not. */
  problem?: string;
  totals: RunReport;
}

/** Errors of the first start that another try does not fix. */
const FATAL = new Set<ErrorCode>(["unauthenticated", "forbidden", "invalid_argument"]);
/** A run that lasted this long ended for no reason that another one meets at once. */
const LASTED_MS = 30_000;

/**
 * Keeps one run alive. When the database gave one up, or cannot start one, it tries again after a
 * delay that grows to five seconds.
 */
export class Keeper {
  readonly #deps: KeeperDeps;
  readonly #totals = newReport(0);
  #run: KeptRun | undefined;
  #runId: number | null = null;
  #graceMs: number | undefined;
  #failures = 0;
  #started = false;
  #reported: ErrorCode | undefined;
  #problem: string | undefined;
  #wake: () => void = () => {};

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
  }

  get state(): KeeperState {
    const totals = { ...this.#totals };
    if (this.#run) addReport(totals, this.#run.progress);
    return {
      state: this.#graceMs !== undefined ? "stopping" : this.#run ? "running" : "starting",
      runId: this.#runId,
      held: this.#run?.progress.held ?? 0,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
      totals,
    };
  }

  /**
   * Runs until `retire`. Throws the JobForgeError of the first start when the credential or the
   * settings are wrong.
   */
  async run(): Promise<void> {
    while (this.#graceMs === undefined) {
      const runId = await this.#start();
      if (runId !== undefined) await this.#drain(runId);
      if (this.#failures > 0 && this.#graceMs === undefined) await this.#pause();
    }
  }

  /** Ends the present run gracefully and starts no other. */
  retire(graceMs: number): void {
    if (this.#graceMs !== undefined) return;
    this.#graceMs = graceMs;
    this.#run?.retire(graceMs);
    this.#deps.changed(this.state);
    this.#wake();
  }

  async #start(): Promise<number | undefined> {
    try {
      const runId = await this.#deps.startRun();
      this.#started = true;
      this.#reported = undefined;
      this.#problem = undefined;
      return runId;
    } catch (thrown) {
      const code = thrown instanceof JobForgeError ? thrown.code : "internal";
      if (!this.#started && FATAL.has(code)) throw thrown;
      this.#failures++;
      // Once for each reason, because this may last.
      this.#problem = versionProblemOf(thrown);
      if (code !== this.#reported) {
        const message = this.#problem === undefined ? {} : { message: this.#problem };
        this.#deps.log.write("warn", "run_not_started", { code, ...message });
        this.#deps.changed(this.state);
      }
      this.#reported = code;
      return undefined;
    }
  }

  async #drain(runId: number): Promise<void> {
    const run = this.#deps.openRun(runId);
    this.#run = run;
    this.#runId = runId;
    if (this.#graceMs !== undefined) run.retire(this.#graceMs);
    this.#deps.changed(this.state);
    try {
      const { durationMs } = await run.run();
      this.#failures = durationMs >= LASTED_MS ? 0 : this.#failures + 1;
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.name : typeof thrown;
      this.#deps.log.write("error", "run_failed", { run_id: runId, reason });
      this.#failures++;
      await this.#deps.giveUp(runId).catch(() => {});
    } finally {
      addReport(this.#totals, run.progress);
      this.#run = undefined;
      this.#runId = null;
      this.#deps.changed(this.state);
    }
  }

  async #pause(): Promise<void> {
    const { clock, random } = this.#deps;
    let cancel = () => {};
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      cancel = clock.setTimer(resolve, retryDelayMs(this.#failures, random()));
    });
    cancel();
    this.#wake = () => {};
  }
}
