import assert from "node:assert/strict";
import type { Bytes } from "../core/encoding/bytes.ts";
import { FakeClock, jobs } from "./fake_world.ts";
import type { ClaimedJob } from "./ports.ts";
import { HELD_BODY_BYTES, StoredBodies } from "./stored_bodies.ts";

const MIB = 1024 * 1024;
const never = new AbortController().signal;

function jobWith(stored: unknown): ClaimedJob {
  return { ...jobs(1, "webhook")[0]!, payload: { stored } };
}

/** Bodies whose reading ends when the test ends it. */
function stage() {
  const clock = new FakeClock();
  const reads: { size: number; end(): void; fail(thrown: unknown): void; signal: AbortSignal }[] =
    [];
  const bodies = new StoredBodies((_runId, _job, size, signal) => {
    const { promise, reject, resolve } = Promise.withResolvers<Bytes>();
    signal.addEventListener("abort", () => reject(signal.reason));
    reads.push({ size, end: () => resolve(new Uint8Array(size)), fail: reject, signal });
    return promise;
  }, clock);
  const open = (bytes: unknown, signal = never) => bodies.open(1, jobWith({ bytes }), signal);
  const settle = () => clock.advance(0);
  return { clock, open, reads, settle };
}

Deno.test("bodies are read one at a time, in order", async () => {
  const { open, reads, settle } = stage();
  const opened = [3, 2, 1].map((mib) => open(mib * MIB));
  for (const [at, { bytes }] of opened.entries()) {
    await settle();
    assert.equal(reads.length, at + 1);
    reads[at]!.end();
    assert.equal((await bytes).length, (3 - at) * MIB);
  }
});

Deno.test("jobs hold 8 MiB of bodies, and the next waits until one of them has ended", async () => {
  const { open, reads, settle } = stage();
  const first = open(5 * MIB);
  const second = open(HELD_BODY_BYTES - 5 * MIB);
  const third = open(1);
  const fourth = open(1);
  for (const at of [0, 1]) {
    await settle();
    reads[at]!.end();
  }
  await Promise.all([first.bytes, second.bytes]);
  await settle();
  assert.equal(reads.length, 2, "no room is left");
  second.release();
  for (const at of [2, 3]) {
    await settle();
    reads[at]!.end();
  }
  await Promise.all([third.bytes, fourth.bytes]);
});

Deno.test("a small body does not overtake a large one that waits", async () => {
  const { open, reads, settle } = stage();
  const held = open(4 * MIB);
  await settle();
  reads[0]!.end();
  await held.bytes;
  open(5 * MIB);
  open(1);
  await settle();
  assert.equal(reads.length, 1);
  held.release();
  await settle();
  assert.deepEqual(reads.map(({ size }) => size), [4 * MIB, 5 * MIB]);
});

Deno.test("a job that waits ten seconds for room is postponed, and uses up no attempt", async () => {
  const { clock, open, reads, settle } = stage();
  open(5 * MIB);
  await settle();
  reads[0]!.end();
  const waiting = open(5 * MIB);
  const postponed = assert.rejects(waiting.bytes, {
    ...{ name: "PostponeError", code: "stored_bodies_held", afterMs: 5_000 },
  });
  await clock.advance(9_999);
  assert.equal(await Promise.race([waiting.bytes.catch(() => "ended"), "waits"]), "waits");
  await clock.advance(1);
  await postponed;
  waiting.release();
  assert.equal(reads.length, 1);
});

Deno.test("a job that is stopped while it waits leaves the line", async () => {
  const { open, reads, settle } = stage();
  const held = open(5 * MIB);
  await settle();
  reads[0]!.end();
  const stopped = new AbortController();
  const waiting = open(5 * MIB, stopped.signal);
  open(1 * MIB);
  stopped.abort(new Error("canceled"));
  await assert.rejects(waiting.bytes, { message: "canceled" });
  held.release();
  await settle();
  assert.deepEqual(reads.map(({ size }) => size), [5 * MIB, 1 * MIB]);
});

Deno.test("a job that ends while its body is read stops the reading and frees its room", async () => {
  const { open, reads, settle } = stage();
  const ended = open(5 * MIB);
  await settle();
  ended.release();
  ended.release();
  await assert.rejects(ended.bytes, { name: "AbortError" });
  assert.equal(reads[0]!.signal.aborted, true);
  const [next, another] = [open(5 * MIB), open(4 * MIB)];
  await settle();
  reads[1]!.end();
  await next.bytes;
  assert.equal(reads.length, 2, "released twice, it counts once");
  another.release();
});

Deno.test("a body whose reading failed holds up no other", async () => {
  const { open, reads, settle } = stage();
  const failed = open(5 * MIB);
  const next = open(3 * MIB);
  await settle();
  reads[0]!.fail(new Error("away"));
  await assert.rejects(failed.bytes, { message: "away" });
  await settle();
  reads[1]!.end();
  assert.equal((await next.bytes).length, 3 * MIB);
});

for (const stored of [undefined, null, {}, { bytes: "1" }, { bytes: -1 }, { bytes: 5 * MIB + 1 }]) {
  Deno.test(`a job with ${JSON.stringify(stored)} has no stored body`, async () => {
    const bodies = new StoredBodies(() => assert.fail("it is not read"), new FakeClock());
    const { bytes } = bodies.open(1, jobWith(stored), never);
    await assert.rejects(bytes, { name: "PermanentError", code: "no_stored_body" });
  });
}
