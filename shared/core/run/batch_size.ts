/** Bounds of the adaptive batch: it starts at and falls back to `min`. */
export interface BatchLimits {
  min: number;
  max: number;
}

/** What one claimed batch took from its claim to the end of its last job. */
export interface BatchTiming {
  /** Jobs of the batch. */
  jobs: number;
  tookMs: number;
}

const FAST_BATCH_MS = 250;
const SLOW_BATCH_MS = 1_000;

/**
 * Next batch size: doubles when a batch that filled the current size finished fast, falls back
 * to the minimum when one was slow. No-op jobs reach `max` in a few batches; slow jobs are never
 * held in numbers that other workers could be running.
 */
export function nextBatchSize(current: number, timing: BatchTiming, limits: BatchLimits): number {
  if (timing.tookMs > SLOW_BATCH_MS) return limits.min;
  const filled = timing.jobs >= current / 2;
  if (timing.tookMs > FAST_BATCH_MS || !filled) return current;
  return Math.min(limits.max, current * 2);
}

/** Outcomes that make a report worth a round trip: half of what is held, at least one. */
export function flushCount(batchSize: number): number {
  return Math.max(1, Math.ceil(batchSize / 2));
}
