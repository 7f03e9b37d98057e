import type { RunBudget } from "../core/run/budget.ts";

/** How one run works; times in milliseconds. */
export interface DrainSettings {
  /** Handlers at the same time. */
  concurrency: number;
  /** Most jobs claimed at once. */
  maxBatch: number;
  budget: RunBudget;
  /** CPU the run may use, as `LoopMeter` measures it; Infinity for no limit. */
  cpuMs: number;
  /** How long a stopped handler may take to end by itself. */
  graceMs: number;
}

/** Claimed jobs that waited this long for a slot go back, so that other workers can run them. */
export const HELD_TOO_LONG_MS = 2_000;
