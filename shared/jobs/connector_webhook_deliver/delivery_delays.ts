const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits before the second, third … tenth attempt: the schedule Standard Webhooks propose. */
const WAITS_MS = [
  ...[5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR],
  ...[10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
];
const ATTEMPTS = WAITS_MS.length + 1;
const JITTER = 0.2;

/**
 * Milliseconds until the attempt after this one, up to a fifth sooner by chance (`random` in
 * [0, 1)), so that what failed together does not come back together. A redrive starts over.
 */
export function nextAttemptMs(attempt: number, random: number): number {
  const turn = (attempt - 1) % ATTEMPTS;
  const waitMs = WAITS_MS[Math.min(turn, WAITS_MS.length - 1)]!;
  return Math.round(waitMs * (1 - JITTER * random));
}
