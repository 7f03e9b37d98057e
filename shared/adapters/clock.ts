import type { Clock } from "../worker/ports.ts";

/** The time of this process. */
export const systemClock: Clock = {
  now: () => performance.now(),
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
