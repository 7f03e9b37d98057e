import { JobForgeError } from "../../../shared/core/errors.ts";

const RETRY_AFTER_SECONDS = 5;

/** A request's share of what large bodies may take. */
export interface Place {
  /** Takes a place for a large body. Throws `unavailable` when all are taken. */
  enter(): void;
  /** Runs some work. With a place, it waits for the work of the others that have one. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
}

/**
 * The large bodies of an isolate. Unsigned callers can send them, because a signature is verified
 * over the whole body. So few are held at a time, and they are verified one after the other.
 */
export class LargeBodies {
  readonly #places: number;
  #taken = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(places: number) {
    this.#places = places;
  }

  /** Runs the work on a request, and frees the place that it took. */
  async hold<Result>(use: (place: Place) => Promise<Result>): Promise<Result> {
    let entered = false;
    const enter = () => {
      if (entered) return;
      if (this.#taken >= this.#places) {
        const message = "too many large webhooks arrive at once: send it again";
        throw new JobForgeError("unavailable", message, {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        });
      }
      entered = true;
      this.#taken++;
    };
    try {
      return await use({ enter, inTurn: (work) => entered ? this.#inTurn(work) : work() });
    } finally {
      if (entered) this.#taken--;
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}
