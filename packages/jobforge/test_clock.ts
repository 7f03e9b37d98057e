/** A clock of tests. It stands still until it is moved. */
export class FakeClock {
  #now: number;
  #timers: { at: number; callback: () => void }[] = [];

  /** `start` is ISO 8601, default 2026-01-01T00:00:00Z. */
  constructor(start = "2026-01-01T00:00:00Z") {
    this.#now = Date.parse(start);
    if (Number.isNaN(this.#now)) throw new RangeError(`start must be ISO 8601, not ${start}`);
  }

  now(): Date {
    return new Date(this.#now);
  }

  /** Moves on. What is due until then happens in its order, each at its own time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settled();
      const due = this.#timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.splice(this.#timers.indexOf(due), 1);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = end;
  }

  /** Calls back once the clock has moved by `ms`. Returns what takes that back. */
  setTimer(callback: () => void, ms: number): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#timers.push(timer);
    return () => {
      const at = this.#timers.indexOf(timer);
      if (at >= 0) this.#timers.splice(at, 1);
    };
  }

  /** Waits until the clock has moved by `ms`, or the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.setTimer(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, ms);
      signal?.addEventListener("abort", stop, { once: true });
      if (signal?.aborted) stop();
    });
  }
}

/** Lets promises go on that wait for nothing else. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
