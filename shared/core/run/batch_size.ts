/** Bounds of the adaptive batch, which starts at `min` and falls back to it. */
export interface BatchLimits {
  min: number;
  max: number;
}

/** The duration of one claimed batch, from its claim to the end of its last job. */
export interface BatchTiming {
  /** Jobs of the batch. */
  jobs: number;
  tookMs: number;
}

const FAST_BATCH_MS = 250;
const SLOW_BATCH_MS = 1_000;

/**
 * Returns the next batch size. It doubles when a full batch finished fast and falls back to the
 * minimum when one was slow. No-op jobs reach `max` in a few batches. Slow jobs are never held in
 * numbers that other workers could run.
 */
export function nextBatchSize(current: number, timing: BatchTiming, limits: BatchLimits): number {
  if (timing.tookMs > SLOW_BATCH_MS) return limits.min;
  const filled = timing.jobs >= current / 2;
  if (timing.tookMs > FAST_BATCH_MS || !filled) return current;
  return Math.min(limits.max, current * 2);
}

/** Returns the number of outcomes worth a round trip: half of the held jobs, at least one. */
export function flushCount(batchSize: number): number {
  return Math.max(1, Math.ceil(batchSize / 2));
}
