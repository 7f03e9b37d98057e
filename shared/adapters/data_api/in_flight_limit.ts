import { JobForgeError } from "../../core/errors.ts";

const RETRY_AFTER_SECONDS = 2;

/**
 * A bound on the calls in flight to a database. Calls pile up when it is slow. Further calls are
 * rejected at once, because queueing them would make every caller wait longer.
 */
export class InFlightLimit {
  readonly #max: number;
  #inFlight = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Runs a call if fewer than the limit are in flight. Throws `unavailable` otherwise. */
  async pass<T>(call: () => PromiseLike<T>): Promise<T> {
    if (this.#inFlight >= this.#max) {
      const message = "too many requests are waiting for the database";
      throw new JobForgeError("unavailable", message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    this.#inFlight++;
    try {
      return await call();
    } finally {
      this.#inFlight--;
    }
  }
}
