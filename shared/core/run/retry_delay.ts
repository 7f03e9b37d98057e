const BASE_MS = 200;
const CAP_MS = 5_000;

/**
 * Returns the milliseconds before a failed call is repeated. The delay doubles per failure up to 5
 * s. Its upper half is random (`random` in [0, 1)), so that workers do not return together.
 */
export function retryDelayMs(failures: number, random: number): number {
  const full = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures - 1, 10));
  return Math.round(full / 2 + (full / 2) * random);
}

const POLL_MS = [100, 200, 400, 800] as const;

/** Number of consecutive empty claims after which an idle run is drained: 1.5 s of polling. */
export const POLLS_UNTIL_DRAINED = POLL_MS.length + 1;

/** Returns the milliseconds before the next claim after `emptyClaims` consecutive empty ones. */
export function pollDelayMs(emptyClaims: number): number {
  if (emptyClaims <= 0) return 0;
  return POLL_MS[Math.min(emptyClaims, POLL_MS.length) - 1] ?? 800;
}

/** Returns the same for a run that stays while it is idle. The delay doubles up to `maxMs`. */
export function idlePollDelayMs(emptyClaims: number, maxMs: number): number {
  return Math.min(maxMs, POLL_MS[0] * 2 ** Math.min(emptyClaims - 1, 20));
}
