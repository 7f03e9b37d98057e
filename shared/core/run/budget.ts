/** Moments of a run in milliseconds from its start. */
export interface RunBudget {
  /** End of claiming. A job started later would have too little time. */
  claimUntilMs: number;
  /** The moment when running handlers are stopped. */
  interruptMs: number;
  /** End of the run, when everything is reported. */
  endMs: number;
}

const CLAIM_SHARE = 0.6;
const STOP_SHARE = 0.1;
const STOP_MIN_MS = 500;
const STOP_MAX_MS = 5_000;

/** Returns the moments of a run: it claims for 60 % of the wall clock, with up to 5 s to stop. */
export function planRun(wallClockMs: number): RunBudget {
  const stopMs = Math.min(Math.max(wallClockMs * STOP_SHARE, STOP_MIN_MS), STOP_MAX_MS);
  const claimUntilMs = Math.round(wallClockMs * CLAIM_SHARE);
  const interruptMs = Math.max(claimUntilMs, Math.round(wallClockMs - stopMs));
  return { claimUntilMs, interruptMs, endMs: Math.max(wallClockMs, interruptMs) };
}

const FULL_TURN_SHARE = 0.9;

/**
 * Returns whether a job stopped by the end of its run had its full turn. A job that had nearly the
 * whole run uses up its attempt, since no later run can give it more. Any other job is released.
 */
export function hadFullTurn(ranMs: number, budget: RunBudget): boolean {
  return ranMs >= budget.interruptMs * FULL_TURN_SHARE;
}

const LEAST_CPU_SHARE = 0.25;

/**
 * Returns the CPU milliseconds of a new run in an isolate that already used some, because the
 * platform counts per isolate. A quarter is always left, so that a run in an old isolate still
 * makes progress.
 */
export function cpuBudgetOfRun(cpuMs: number, alreadyUsedMs: number): number {
  return Math.max(cpuMs * LEAST_CPU_SHARE, cpuMs - alreadyUsedMs);
}
