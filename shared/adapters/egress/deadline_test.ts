import assert from "node:assert/strict";
import { withDeadline } from "./deadline.ts";

/** A signal that counts those who listen to it. */
function countingSignal(): { signal: AbortSignal; listeners: () => number } {
  const { signal } = new AbortController();
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (count++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (count--, remove(...args));
  return { signal, listeners: () => count };
}

Deno.test("work that is over leaves no listener, and its deadline aborts nothing", async () => {
  const { listeners, signal } = countingSignal();
  const kept: AbortSignal[] = [];
  const work = (own: AbortSignal) => Promise.resolve(void kept.push(own));
  await withDeadline(5, signal, work);
  await assert.rejects(withDeadline(5, signal, () => Promise.reject(new Error("no"))));
  assert.equal(listeners(), 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(kept[0]!.aborted, false);
});
