import type { Clock } from "./ports.ts";

/** One timer for the deadlines of all attempts of a run. */
export class Sweeper {
  readonly #clock: Clock;
  readonly #sweep: () => void;
  #dueAt = Infinity;
  #cancelTimer: () => void = () => {};

  constructor(clock: Clock, sweep: () => void) {
    this.#clock = clock;
    this.#sweep = sweep;
  }

  /** Makes sure the sweep runs no later than `at`. */
  by(at: number): void {
    if (at >= this.#dueAt) return;
    this.#cancelTimer();
    this.#dueAt = at;
    this.#cancelTimer = this.#clock.setTimer(() => {
      this.#dueAt = Infinity;
      this.#sweep();
    }, Math.max(0, at - this.#clock.now()));
  }

  cancel(): void {
    this.#cancelTimer();
    this.#dueAt = Infinity;
  }
}
