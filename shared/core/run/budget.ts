/** Moments of a run in milliseconds from its start. */
export interface RunBudget {
  /** End of claiming. A job started later would have too little time. */
  claimUntilMs: number;
  /** The moment when running handlers are stopped. */
  interruptMs: number;
  /** The moment of the last report. It leaves time to report and to finish. */
  reportMs: number;
  /** End of the run, when everything is reported. */
  endMs: number;
  /** The longest attempt that any run can give, which is one in a new isolate. */
  longestAttemptMs: number;
}

/** The limits in milliseconds that Supabase sets to an isolate. The first is the default. */
export const PLATFORM_WALL_CLOCK_MS = { free: 150_000, paid: 400_000 } as const;

const CLAIM_SHARE = 0.6;
const STOP_SHARE = 0.1;
const STOP_MIN_MS = 500;
const STOP_MAX_MS = 5_000;
const GRACE_SHARE = 0.4;
const GRACE_MAX_MS = 1_000;
const REPORT_SHARE = 0.5;

/**
 * Returns the moments of a run: it claims for 60 % of its time, and the last tenth, up to 5 s, is
 * for stopping handlers, the last report and the end of the run. `longestMs` is the longest attempt
 * of other runs, by default of this one.
 */
export function planRun(wallClockMs: number, longestMs = 0): RunBudget {
  const stopMs = Math.min(Math.max(wallClockMs * STOP_SHARE, STOP_MIN_MS), STOP_MAX_MS);
  const claimUntilMs = Math.round(wallClockMs * CLAIM_SHARE);
  const interruptMs = Math.max(claimUntilMs, Math.round(wallClockMs - stopMs));
  const endMs = Math.max(wallClockMs, interruptMs);
  const reportMs = Math.round(interruptMs + (endMs - interruptMs) * REPORT_SHARE);
  const longestAttemptMs = Math.max(interruptMs, longestMs);
  return { claimUntilMs, interruptMs, reportMs, endMs, longestAttemptMs };
}

/** Returns the time for stopped handlers to end, which is over before the last report. */
export function graceOf({ interruptMs, endMs }: RunBudget): number {
  return Math.min(GRACE_MAX_MS, (endMs - interruptMs) * GRACE_SHARE);
}

/** The budget of a run without an end of its own. */
export const ENDLESS: RunBudget = {
  claimUntilMs: Infinity,
  interruptMs: Infinity,
  reportMs: Infinity,
  endMs: Infinity,
  longestAttemptMs: Infinity,
};

/**
 * Returns the budget of an endless run that has to end: it claims no more, and stops handlers after
 * `graceMs`. None of them had its full turn, so they are released.
 */
export function planEnd(now: number, graceMs: number): RunBudget {
  const interruptMs = now + graceMs;
  return {
    ...{ claimUntilMs: now, interruptMs, longestAttemptMs: Infinity },
    reportMs: interruptMs + 2 * GRACE_MAX_MS,
    endMs: interruptMs + STOP_MAX_MS,
  };
}

const ANNOUNCED_AT = 0.9;
const LEAST_RUN_MS = 2_000;

/**
 * Returns the milliseconds of a run that starts in an isolate of some age. The platform announces
 * the end of an isolate at 90 % of its wall clock.
 */
export function wallClockOfRun(platformMs: number, ageMs: number): number {
  return Math.max(LEAST_RUN_MS, Math.round(platformMs * ANNOUNCED_AT - ageMs));
}

/** Returns the milliseconds that an attempt can last in a new isolate with this wall clock. */
export function longestAttemptMs(platformMs: number): number {
  return planRun(wallClockOfRun(platformMs, 0)).interruptMs;
}

const FULL_TURN_SHARE = 0.9;

/**
 * Returns whether a job stopped by the end of its run had its full turn. A job that had nearly the
 * longest attempt uses it up, since no other run can give it more. Any other job is released.
 */
export function hadFullTurn(ranMs: number, budget: RunBudget): boolean {
  return ranMs >= budget.longestAttemptMs * FULL_TURN_SHARE;
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
