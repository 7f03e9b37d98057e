import assert from "node:assert/strict";
import { pollUntil } from "./poll.ts";

function clock() {
  let now = 0;
  const waits: number[] = [];
  const sleep = (ms: number) => {
    waits.push(ms);
    now += ms;
    return Promise.resolve();
  };
  return { now: () => now, sleep, waits };
}

Deno.test("polling repeats at growing intervals until it is done", async () => {
  const { now, sleep, waits } = clock();
  let asked = 0;
  const options = { timeoutMs: 60_000, firstDelayMs: 100, maxDelayMs: 200, now, sleep };
  const answer = await pollUntil(() => Promise.resolve(++asked), (n) => n === 5, options);
  assert.equal(answer, 5);
  assert.deepEqual(waits, [100, 150, 200, 200]);
});

Deno.test("polling returns the last answer at the timeout", async () => {
  const { now, sleep, waits } = clock();
  const options = { timeoutMs: 250, firstDelayMs: 100, maxDelayMs: 200, now, sleep };
  const answer = await pollUntil(() => Promise.resolve("queued"), () => false, options);
  assert.equal(answer, "queued");
  assert.equal(waits.reduce((sum, ms) => sum + ms, 0), 250);
});

Deno.test("polling without time calls once", async () => {
  const { now, sleep, waits } = clock();
  const options = { timeoutMs: 0, firstDelayMs: 100, maxDelayMs: 200, now, sleep };
  await pollUntil(() => Promise.resolve(1), () => false, options);
  assert.deepEqual(waits, []);
});
