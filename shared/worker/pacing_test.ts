import assert from "node:assert/strict";
import { Pacing } from "./pacing.ts";

Deno.test("heavy jobs are claimed in batches that fit the memory of an isolate", () => {
  const pacing = new Pacing({ min: 20, max: 200 });
  pacing.batchSize = 160;
  pacing.noteLength(100 * 64 * 1024, 100);
  assert.equal(pacing.batchSize, 64);
  pacing.noteEnded(1);
  pacing.adapt(64);
  assert.equal(pacing.batchSize, 64);
});

Deno.test("even the heaviest jobs are claimed as many as there are slots", () => {
  const pacing = new Pacing({ min: 20, max: 200 });
  pacing.noteLength(20 * 256 * 1024, 20);
  assert.equal(pacing.batchSize, 20);
});

Deno.test("light jobs after heavy ones let batches grow again", () => {
  const pacing = new Pacing({ min: 20, max: 200 });
  pacing.noteLength(20 * 256 * 1024, 20);
  pacing.noteLength(20 * 400, 20);
  for (let batch = 0; batch < 5; batch++) pacing.adapt(pacing.batchSize);
  assert.equal(pacing.batchSize, 200);
});

Deno.test("a claim that found less than it asked for is followed by a poll", () => {
  const pacing = new Pacing({ min: 20, max: 200 });
  const reply = { settled: 0, stale: [], jobs: [], abort: [], next_at: null };
  const delays = [1, 2, 3, 4].map((_, index) => {
    pacing.noteClaim(reply, 20, 0, index * 10_000, 0);
    return pacing.nextPollAt - index * 10_000;
  });
  assert.deepEqual(delays, [100, 200, 400, 800]);
  assert.equal(pacing.idleClaims, 4);
  pacing.noteClaim(reply, 20, 3, 50_000, 0);
  assert.deepEqual([pacing.idleClaims, pacing.nextPollAt], [0, 50_800]);
});
