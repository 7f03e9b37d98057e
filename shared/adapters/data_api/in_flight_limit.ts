import { JobForgeError } from "../../core/errors.ts";

const RETRY_AFTER_SECONDS = 2;

/**
 * Bounds the calls in flight to a database. When it is slow they pile up; what comes then is
 * refused at once, because queueing it would only make everybody wait longer.
 */
export class InFlightLimit {
  readonly #max: number;
  #inFlight = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Makes a call if there is room; throws `unavailable` without making it otherwise. */
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
