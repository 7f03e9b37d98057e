import type { LoopMeter } from "../../worker/ports.ts";
import { coarseClock } from "./clock.ts";

/**
 * A meter of the event loop's busy time, in the turns that run worker code. A turn starts at
 * `enter()`, when a reply arrives or a handler starts or ends. It ends when a message posted at
 * that moment arrives. This is wall time, so it includes time the operating system took away. It
 * misses turns in which only a handler's own I/O continued. For those the worker adds an estimate
 * per job. Nothing more exact exists: `process.cpuUsage()` returns zeros on Deno 2.1.4 and in
 * Supabase's edge runtime. A function has no other measure of its CPU time.
 */
export class EventLoopMeter implements LoopMeter {
  readonly #roughNow = coarseClock();
  #users = 0;
  #channel: MessageChannel | undefined;
  #turn = 0;
  #openedAt: number | undefined;
  #busyMs = 0;
  #callbacks: (() => void)[] = [];

  /** Starts observing. Every call needs one `stop`. An open channel keeps a process alive. */
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
