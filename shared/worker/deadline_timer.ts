import type { Clock } from "./ports.ts";

/** One timer for the deadlines of all attempts of a run. */
export class DeadlineTimer {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #dueAt = Infinity;
  #cancelTimer: () => void = () => {};

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Schedules the timer to fire no later than `at`. */
  by(at: number): void {
    if (at >= this.#dueAt) return;
    this.#cancelTimer();
    this.#dueAt = at;
    this.#cancelTimer = this.#clock.setTimer(() => {
      this.#dueAt = Infinity;
      this.#onDue();
    }, Math.max(0, at - this.#clock.now()));
  }

  cancel(): void {
    this.#cancelTimer();
    this.#dueAt = Infinity;
  }
}
