import assert from "node:assert/strict";
import { jobs } from "./fake_world.ts";
import { Pacing } from "./pacing.ts";

const KIBIBYTE = 1024;

Deno.test("before any job was seen, each may be as large as any", () => {
  const pacing = new Pacing({ min: 1_000, max: 1_000 });
  assert.equal(pacing.affordable(0), 15);
});

Deno.test("a claim brings no more jobs than fit 4 MiB", () => {
  const pacing = new Pacing({ min: 20, max: 200 });
  pacing.noteBytes(100 * 64 * KIBIBYTE, 100);
  assert.equal(pacing.affordable(0), 64);
});

Deno.test("a run holds 16 MiB at most, and an empty one can always claim a job", () => {
  const pacing = new Pacing({ min: 20, max: 200 });
  pacing.noteBytes(64 * KIBIBYTE, 1);
  assert.equal(pacing.affordable(15 * KIBIBYTE * KIBIBYTE), 16);
  assert.equal(pacing.claimBytes(15 * KIBIBYTE * KIBIBYTE), KIBIBYTE * KIBIBYTE);
  assert.deepEqual([pacing.affordable(17e6), pacing.claimBytes(17e6)], [0, 0]);
  pacing.noteBytes(5 * KIBIBYTE * KIBIBYTE, 1);
  assert.deepEqual([pacing.affordable(0), pacing.affordable(1)], [1, 0]);
});

Deno.test("a heavy claim counts at once, light ones let the next grow gradually", () => {
  const pacing = new Pacing({ min: 20, max: 200 });
  pacing.noteBytes(200 * 400, 200);
  assert.ok(pacing.affordable(0) > 1_000);
  pacing.noteBytes(2 * 256 * KIBIBYTE, 2);
  assert.equal(pacing.affordable(0), 16);
  const sizes = Array.from({ length: 12 }, () => {
    pacing.noteBytes(20 * 400, 20);
    return pacing.affordable(0);
  });
  assert.deepEqual(sizes.slice(0, 3), [20, 24, 31]);
  assert.ok(sizes.at(-1)! > 200);
});

Deno.test("after a reply that was too large the next claim is as careful as the first", () => {
  const pacing = new Pacing({ min: 20, max: 200 });
  pacing.noteBytes(200 * 400, 200);
  pacing.batchSize = 200;
  pacing.noteReplyTooLarge();
  assert.deepEqual([pacing.affordable(0), pacing.batchSize], [15, 20]);
});

Deno.test("a claim that its bytes may have stopped is followed by the next at once", () => {
  const pacing = new Pacing({ min: 20, max: 200 });
  const claim = { limit: 20, maxBytes: 4_000 * KIBIBYTE };
  const reply = { settled: 0, stale: [], jobs: jobs(9, "a"), abort: [], next_at: null };
  pacing.noteClaim({ ...reply, bytes: 3_800 * KIBIBYTE }, claim, 9, 1_000, 0);
  assert.equal(pacing.nextPollAt, 1_000);
  pacing.noteClaim({ ...reply, bytes: 3_700 * KIBIBYTE }, claim, 9, 1_000, 0);
  assert.equal(pacing.nextPollAt, 1_100);
});

Deno.test("a claim that found less than it asked for is followed by a poll", () => {
  const pacing = new Pacing({ min: 20, max: 200 });
  const reply = { settled: 0, stale: [], jobs: [], abort: [], next_at: null };
  const claim = { limit: 20, maxBytes: 4e6 };
  const delays = [1, 2, 3, 4].map((_, index) => {
    pacing.noteClaim(reply, claim, 0, index * 10_000, 0);
    return pacing.nextPollAt - index * 10_000;
  });
  assert.deepEqual(delays, [100, 200, 400, 800]);
  assert.equal(pacing.idleClaims, 4);
  pacing.noteClaim(reply, claim, 3, 50_000, 0);
  assert.deepEqual([pacing.idleClaims, pacing.nextPollAt], [0, 50_800]);
});
