import type { LoopMeter } from "../../worker/ports.ts";
import { coarseClock } from "./clock.ts";

/**
 * Measures how long the event loop is busy in turns the worker takes part in: from `enter()`
 * (a reply arrived, a handler starts or ended) until a message posted at that moment comes
 * round. That is the wall time of those turns, so it includes what the operating system took
 * away meanwhile, and it misses turns in which only a handler's own I/O continued; for those the
 * worker adds an estimate per job. It is an estimate because nothing better exists:
 * `process.cpuUsage()` returns zeros on Deno 2.1.4 and in Supabase's edge runtime, which shows a
 * function no other measure of its CPU time.
 */
export class EventLoopMeter implements LoopMeter {
  readonly #roughNow = coarseClock();
  #users = 0;
  #channel: MessageChannel | undefined;
  #turn = 0;
  #openedAt: number | undefined;
  #busyMs = 0;
  #callbacks: (() => void)[] = [];

  /** Starts observing; every call needs one `stop`. An open channel keeps a process alive. */
  start(): void {
    if (this.#users++ > 0) return;
    this.#channel = new MessageChannel();
    this.#channel.port1.onmessage = () => this.#close();
  }

  stop(): void {
    if (--this.#users > 0) return;
    this.#close();
    this.#channel?.port1.close();
    this.#channel?.port2.close();
    this.#channel = undefined;
  }

  enter(): number {
    if (this.#openedAt !== undefined || !this.#channel) return this.#turn;
    this.#openedAt = performance.now();
    this.#channel.port2.postMessage(null);
    return ++this.#turn;
  }

  lasted(): number {
    return this.#openedAt === undefined ? 0 : this.#roughNow() - this.#openedAt;
  }

  afterTurn(callback: () => void): void {
    this.#callbacks.push(callback);
    this.enter();
  }

  addUnmeasured(ms: number): void {
    this.#busyMs += ms;
  }

  busyMs(): number {
    return this.#busyMs;
  }

  #close(): void {
    if (this.#openedAt !== undefined) this.#busyMs += performance.now() - this.#openedAt;
    this.#openedAt = undefined;
    const due = this.#callbacks;
    this.#callbacks = [];
    for (const callback of due) callback();
  }
}
