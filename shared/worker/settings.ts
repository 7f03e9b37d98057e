import type { RunBudget } from "../core/run/budget.ts";

/** The settings of a run. Times in milliseconds. */
export interface DrainSettings {
  /** Maximum number of handlers at the same time. */
  concurrency: number;
  /** Maximum number of jobs in one claim. */
  maxBatch: number;
  budget: RunBudget;
  /** Wall clock of an isolate, as `JOBFORGE_WALL_CLOCK_MS` sets it. */
  wallClockMs: number;
  /** CPU budget of the run, as `LoopMeter` measures it, or Infinity for no limit. */
  cpuMs: number;
  /** Time for a stopped handler to end by itself. */
  graceMs: number;
  /** Maximum number of log lines. */
  logLines: number;
  /** Maximum delay of a poll of a run that stays while it is idle. Undefined ends an idle run. */
  idlePollMs?: number;
}

/** Time for the last report and the end of a run that is stopped at once. */
export const STOP_MS = 5_000;

/**
 * Time after which a claimed job that waits for a slot goes back, so that other workers can run it.
 */
export const HELD_TOO_LONG_MS = 2_000;
