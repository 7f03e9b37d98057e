import assert from "node:assert/strict";
import * as z from "zod";
import { JobForgeError } from "../core/errors.ts";
import { handle } from "../core/job/handler.ts";
import { defineJob } from "../core/job/job_type.ts";
import { FakeWorld, jobs } from "./fake_world.ts";

const noop = handle(defineJob({ type: "noop" }), () => undefined);
const unavailable = () => new JobForgeError("unavailable", "down");

Deno.test("a call that fails is repeated with its outcomes", async () => {
  const world = new FakeWorld([noop]);
  const ready = jobs(10, "noop");
  world.queue.ready = [...ready];
  world.start();
  world.queue.failures = [unavailable(), unavailable()];
  await world.clock.advance(5_000);
  assert.equal(world.report?.succeeded, 10);
  assert.ok(ready.every((job) => world.queue.outcomes.get(job.id)?.outcome === "succeeded"));
});

Deno.test("outcomes survive a long outage of the database", async () => {
  const world = new FakeWorld([noop]);
  world.queue.ready = jobs(10, "noop");
  world.start();
  world.queue.failures = Array.from({ length: 6 }, unavailable);
  await world.clock.advance(25_000);
  assert.equal(world.queue.outcomes.size, 10);
  assert.equal(world.report?.reason, "drained");
  assert.ok(world.report.failedCalls >= 6);
});

Deno.test("a run that never reaches the database again ends with its budget", async () => {
  const world = new FakeWorld([noop]);
  world.queue.ready = jobs(10, "noop");
  world.start();
  world.queue.failures = Array.from({ length: 1_000 }, unavailable);
  await world.clock.advance(80_000);
  assert.equal(world.report?.reason, "error");
  assert.ok(world.queue.calls.length < 30);
});

Deno.test("a claim whose reply got lost is released, except what is known", async () => {
  const slow = handle(
    defineJob({ type: "slow", payload: z.object({ ms: z.number() }) }),
    (payload) => new Promise<void>((resolve) => world.clock.setTimer(resolve, payload.ms)),
  );
  const world: FakeWorld = new FakeWorld([slow]);
  const [known] = world.queue.ready = jobs(1, "slow", { payload: { ms: 4_000 } });
  world.start();
  await world.clock.advance(50);
  world.queue.ready = jobs(5, "slow", { payload: { ms: 10 } });
  world.queue.failures = [true];
  await world.clock.advance(1_000);
  const [release] = world.queue.named("release");
  assert.deepEqual(release?.detail, [known!.id]);
});

Deno.test("one outcome the database refuses does not hold up the others", async () => {
  const world = new FakeWorld([noop]);
  const ready = jobs(20, "noop");
  const poison = ready[7]!.id;
  world.queue.ready = [...ready];
  world.queue.refuses = (outcome) => outcome.id === poison && outcome.outcome === "succeeded";
  world.start();
  await world.clock.advance(5_000);
  assert.equal(world.queue.outcomes.size, 20);
  assert.equal(world.queue.outcomes.get(poison)?.outcome, "failed");
  assert.equal(world.queue.outcomes.get(poison)?.error?.code, "invalid_result");
});

Deno.test("an outcome that is refused even bare is left to its lease", async () => {
  const world = new FakeWorld([noop]);
  const ready = jobs(4, "noop");
  world.queue.ready = [...ready];
  world.queue.refuses = (outcome) => outcome.id === ready[0]!.id;
  world.start();
  await world.clock.advance(5_000);
  assert.equal(world.queue.outcomes.size, 3);
  assert.equal(world.report?.reason, "drained");
});

Deno.test("a drained run stays for a job that comes due soon", async () => {
  const world = new FakeWorld([noop]);
  world.queue.nextAt = new Date(world.clock.epoch() + 2_300).toISOString();
  world.start();
  await world.clock.advance(2_200);
  assert.equal(world.report, undefined);
  world.queue.ready = jobs(1, "noop");
  world.queue.nextAt = null;
  await world.clock.advance(200);
  assert.equal(world.queue.outcomes.size, 1);
});

Deno.test("a drained run does not stay for a job that is due later", async () => {
  const world = new FakeWorld([noop]);
  world.queue.nextAt = new Date(world.clock.epoch() + 60_000).toISOString();
  world.start();
  await world.clock.advance(1_700);
  assert.equal(world.report?.reason, "drained");
});

Deno.test("what waits to be reported is known when a lost claim is recovered", async () => {
  const slow = handle(
    defineJob({ type: "slow", payload: z.object({ ms: z.number() }) }),
    (payload) => new Promise<void>((resolve) => world.clock.setTimer(resolve, payload.ms)),
  );
  const world: FakeWorld = new FakeWorld([slow]);
  const known = jobs(3, "slow", { payload: { ms: 40 } });
  world.queue.ready = [...known];
  world.start();
  await world.clock.advance(30);
  // The report of the three fails, and its claim may have leased others.
  world.queue.failures = [true];
  await world.clock.advance(2_000);
  const [release] = world.queue.named("release");
  assert.deepEqual((release?.detail as string[]).toSorted(), known.map(({ id }) => id).toSorted());
  assert.equal(world.report?.succeeded ?? 3, 3);
});

Deno.test("jobs that wait for a slot are released once the run takes no more", async () => {
  const slow = handle(
    defineJob({ type: "slow", payload: z.object({ ms: z.number() }) }),
    (payload) => new Promise<void>((resolve) => world.clock.setTimer(resolve, payload.ms)),
  );
  const world: FakeWorld = new FakeWorld([slow, noop], { concurrency: 2, maxBatch: 50 });
  world.queue.ready = jobs(1, "slow", { payload: { ms: 50_000 }, timeout_ms: 600_000 });
  world.start();
  await world.clock.advance(34_500);
  world.queue.ready = [...jobs(100, "noop"), ...jobs(30, "slow", { payload: { ms: 1_900 } })];
  await world.clock.advance(1_400);
  const released = () =>
    [...world.queue.outcomes.values()].filter(({ outcome }) => outcome === "released").length;
  assert.equal(released(), 0);
  await world.clock.advance(200);
  assert.ok(released() > 0, "at 60 % of the wall clock, sooner than those held too long");
});
