const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Delays before the second to tenth attempt, as proposed by Standard Webhooks. */
const WAITS_MS = [
  ...[5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR],
  ...[10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
];
const ATTEMPTS = WAITS_MS.length + 1;
const JITTER = 0.2;

/**
 * Returns the milliseconds until the attempt after this one. Chance shortens them by up to a fifth
 * (`random` in [0, 1)), so that jobs that failed together do not return together. A manual retry
 * starts over.
 */
export function nextAttemptMs(attempt: number, random: number): number {
  const turn = (attempt - 1) % ATTEMPTS;
  const waitMs = WAITS_MS[Math.min(turn, WAITS_MS.length - 1)]!;
  return Math.round(waitMs * (1 - JITTER * random));
}
