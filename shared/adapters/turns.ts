import type { Turns } from "../worker/ports.ts";
import { coarseClock } from "./clock.ts";

/** Turns that are observed only while somebody needs them. */
export interface ObservedTurns extends Turns {
  /** Starts observing; every call needs one `release`. */
  acquire(): void;
  release(): void;
}

/**
 * Measures how long the event loop is busy in turns the worker takes part in: from `enter()`
 * (a reply arrived, a handler starts or ended) until a message posted at that moment comes
 * round. That is the wall time of those turns, so it includes what the operating system took
 * away meanwhile, and it misses turns in which only a handler's own I/O continued; for those the
 * worker adds an estimate per job. It is an estimate because nothing better exists:
 * `process.cpuUsage()` returns zeros on Deno 2.1.4 and in Supabase's edge runtime, which shows a
 * function no other measure of its CPU time.
 */
export function observeTurns(): ObservedTurns {
  const now = () => performance.now();
  const roughly = coarseClock();
  let users = 0;
  let channel: MessageChannel | undefined;
  let turn = 0;
  let openedAt = -1;
  let busyMs = 0;
  let callbacks: (() => void)[] = [];

  const close = () => {
    if (openedAt >= 0) busyMs += now() - openedAt;
    openedAt = -1;
    const due = callbacks;
    callbacks = [];
    for (const callback of due) callback();
  };
  const enter = () => {
    if (openedAt >= 0 || !channel) return turn;
    openedAt = now();
    channel.port2.postMessage(null);
    return ++turn;
  };
  const observe = () => {
    channel = new MessageChannel();
    channel.port1.onmessage = close;
  };
  const stop = () => {
    close();
    channel?.port1.close();
    channel?.port2.close();
    channel = undefined;
  };

  return {
    acquire: () => void (users++ === 0 && observe()),
    release: () => void (--users === 0 && stop()),
    enter,
    lasted: () => openedAt < 0 ? 0 : roughly() - openedAt,
    afterTurn(callback) {
      callbacks.push(callback);
      enter();
    },
    addUnseen: (ms) => void (busyMs += ms),
    busyMs: () => busyMs,
  };
}
