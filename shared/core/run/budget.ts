/** Points of a run in milliseconds from its start. */
export interface RunBudget {
  /** No claims from here on: a job started later would have too little time. */
  claimUntilMs: number;
  /** Handlers still running are told to stop here. */
  interruptMs: number;
  /** The run is over: everything settled and its end reported. */
  endMs: number;
}

const CLAIM_SHARE = 0.6;
const STOP_SHARE = 0.1;
const STOP_MIN_MS = 500;
const STOP_MAX_MS = 5_000;

/** Divides the wall clock of a run: claim for 60 %, then finish, with up to 5 s to stop. */
export function planRun(wallClockMs: number): RunBudget {
  const stopMs = Math.min(Math.max(wallClockMs * STOP_SHARE, STOP_MIN_MS), STOP_MAX_MS);
  const claimUntilMs = Math.round(wallClockMs * CLAIM_SHARE);
  const interruptMs = Math.max(claimUntilMs, Math.round(wallClockMs - stopMs));
  return { claimUntilMs, interruptMs, endMs: Math.max(wallClockMs, interruptMs) };
}

const FULL_TURN_SHARE = 0.9;

/**
 * Tells whether a job stopped by the end of its run had its full turn. One that had nearly the
 * whole run spends its attempt, since no later run could give it more; any other is released.
 */
export function hadFullTurn(ranMs: number, budget: RunBudget): boolean {
  return ranMs >= budget.interruptMs * FULL_TURN_SHARE;
}

const LEAST_CPU_SHARE = 0.25;

/**
 * CPU milliseconds a new run may use in an isolate that already used some: the platform counts
 * per isolate. A quarter is always left, so that a run in an old isolate still gets work done.
 */
export function cpuBudgetOfRun(cpuMs: number, alreadyUsedMs: number): number {
  return Math.max(cpuMs * LEAST_CPU_SHARE, cpuMs - alreadyUsedMs);
}
