import assert from "node:assert/strict";
import { z } from "zod";
import { handle, type JobContext } from "../core/job/handler.ts";
import { defineJob } from "../core/job/job_type.ts";
import { ENDLESS } from "../core/run/budget.ts";
import { FakeWorld, jobs } from "./fake_world.ts";

/** A run without an end of its own, with jobs that take some time and jobs that never end. */
function stage(settings: ConstructorParameters<typeof FakeWorld>[1] = {}) {
  const contexts: JobContext[] = [];
  const timed = handle(
    defineJob({ type: "timed", payload: z.object({ ms: z.number() }) }),
    ({ ms }, ctx) => {
      contexts.push(ctx);
      return new Promise<void>((resolve) => void world.clock.setTimer(resolve, ms));
    },
  );
  const deaf = handle(defineJob({ type: "deaf" }), (_payload, ctx) => {
    contexts.push(ctx);
    return new Promise<void>(() => {});
  });
  const endless = { budget: ENDLESS, wallClockMs: Infinity, cpuMs: Infinity, idlePollMs: 1_000 };
  const world = new FakeWorld([timed, deaf], { ...endless, ...settings });
  return { world, contexts };
}

const outcomeOf = (world: FakeWorld, id: string) => world.queue.outcomes.get(id)?.outcome;

Deno.test("an endless run polls on while it is idle: once a second, and when a job comes due", async () => {
  const { world } = stage();
  world.start();
  await world.clock.advance(600_000);
  assert.equal(world.report, undefined, "it goes on");
  const idle = world.queue.calls.map(({ at }) => at);
  assert.deepEqual(idle.slice(0, 7), [0, 100, 300, 700, 1_500, 2_500, 3_500]);
  assert.equal(idle.filter((at) => at >= 540_000).length, 60, "calls a minute");
  world.queue.nextAt = new Date(world.clock.epoch() + 700).toISOString();
  world.queue.calls.length = 0;
  await world.clock.advance(1_200);
  assert.ok(world.queue.calls.some(({ at }) => at === 600_710), "10 ms after it is due");
});

Deno.test("an endless run has no wall clock: a job may outlast any isolate", async () => {
  const { world } = stage();
  const [job] = world.queue.ready = jobs(1, "timed", {
    ...{ payload: { ms: 500_000 }, timeout_ms: 86_400_000 },
  });
  world.start();
  await world.clock.advance(501_000);
  assert.equal(outcomeOf(world, job!.id), "succeeded");
});

Deno.test("a run that retires claims no more, and releases what has not started", async () => {
  const { world, contexts } = stage({ concurrency: 2, maxBatch: 20 });
  // Fast jobs let the batch grow beyond the slots.
  world.queue.ready = [
    ...jobs(40, "timed", { payload: { ms: 1 } }),
    ...jobs(20, "timed", { payload: { ms: 1_500 } }),
  ];
  world.start();
  await world.clock.advance(200);
  const { held } = world.drain.progress;
  assert.ok(held > 2, `${held} jobs are held`);
  const started = contexts.length;
  world.drain.retire(5_000);
  const claims = () => world.queue.named("settle").filter(({ limit }) => limit > 0).length;
  const before = claims();
  await world.clock.advance(1_000);
  const outcomes = [...world.queue.outcomes.values()].map(({ outcome }) => outcome);
  assert.equal(outcomes.filter((outcome) => outcome === "released").length, held - 2);
  await world.clock.advance(1_000);
  assert.deepEqual([claims(), contexts.length], [before, started]);
  assert.equal(world.report?.reason, "shutdown", "it ends with the last handler");
  assert.equal(world.report.succeeded, started);
  assert.equal(world.queue.named("finish").at(-1)?.detail, "shutdown");
});

Deno.test("after the grace handlers are aborted, and their jobs keep their attempts", async () => {
  const { world, contexts } = stage();
  const [job] = world.queue.ready = jobs(1, "deaf", { timeout_ms: 86_400_000 });
  world.start();
  await world.clock.advance(100_000);
  world.drain.retire(3_000);
  await world.clock.advance(2_900);
  assert.equal(contexts[0]!.signal.aborted, false);
  await world.clock.advance(200);
  assert.equal(contexts[0]!.signal.aborted, true);
  await world.clock.advance(1_200);
  assert.equal(outcomeOf(world, job!.id), "released");
  assert.equal(world.report?.reason, "shutdown");
});

Deno.test("jobs of a claim that was on its way when the run retires do not start", async () => {
  const { world, contexts } = stage();
  const { queue, clock } = world;
  const claim = queue.settleAndClaim.bind(queue);
  queue.settleAndClaim = async (...call) => {
    const reply = await claim(...call);
    await new Promise<void>((resolve) => void clock.setTimer(resolve, 50));
    return reply;
  };
  const made = jobs(3, "deaf");
  queue.ready = [...made];
  world.start();
  await clock.advance(40);
  assert.equal(queue.ready.length, 0, "they are claimed, and on their way");
  world.drain.retire(60_000);
  await clock.advance(1_000);
  assert.equal(contexts.length, 0);
  assert.deepEqual(made.map(({ id }) => outcomeOf(world, id)), Array(3).fill("released"));
  assert.equal(world.report?.reason, "shutdown");
});

Deno.test("an idle run that retires ends at once", async () => {
  const { world } = stage();
  world.start();
  await world.clock.advance(10_050);
  world.drain.retire(60_000);
  await world.clock.advance(1);
  assert.equal(world.report?.reason, "shutdown");
});
