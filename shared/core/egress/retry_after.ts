const MIN_MS = 1_000;
const MAX_MS = 3_600_000;
const SECONDS = /^\d{1,10}$/;
// The only date form HTTP still sends: Sun, 06 Nov 1994 08:49:37 GMT.
const DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Returns the milliseconds of a `Retry-After`, between a second and an hour. Undefined without a
 * valid one.
 */
export function retryAfterMs(value: string | undefined, epochMs: number): number | undefined {
  const text = value?.trim() ?? "";
  if (SECONDS.test(text)) return clamp(Number(text) * 1_000);
  if (!DATE.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : clamp(at - epochMs);
}

function clamp(ms: number): number {
  return Math.min(Math.max(ms, MIN_MS), MAX_MS);
}
