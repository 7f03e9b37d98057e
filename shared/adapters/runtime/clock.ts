import type { Clock } from "../../worker/ports.ts";

/** Longest span in milliseconds that is measured by the wall clock alone. */
const ANCHOR_MS = 50;

/**
 * Creates a clock of monotonic milliseconds for many readings. `performance.now()` costs 2 µs on
 * Deno 2.1.4, more than a no-op job costs the worker. `Date.now()` costs a twentieth. The clock
 * adds wall clock time to the last precise reading, for up to 50 ms. A changed wall clock is
 * corrected by the next precise reading.
 */
export function coarseClock(
  precise: () => number = () => performance.now(),
  wall: () => number = () => Date.now(),
): () => number {
  let anchor = precise();
  let anchorWall = wall();
  let last = anchor;
  return () => {
    const passed = wall() - anchorWall;
    if (passed >= 0 && passed < ANCHOR_MS) return last = Math.max(last, anchor + passed);
    anchor = precise();
    anchorWall = wall();
    return last = Math.max(last, anchor);
  };
}

/** The time of this process. */
export const systemClock: Clock = {
  now: coarseClock(),
  epoch: () => Date.now(),
  setTimer(callback, ms) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** 24 random bytes, as a new trace needs them. */
export function randomTraceBytes(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(24));
}
