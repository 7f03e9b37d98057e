import assert from "node:assert/strict";
import { handle, type JobContext, PermanentError } from "../core/job/handler.ts";
import { defineJob } from "../core/job/job_type.ts";
import { FakeWorld, jobs } from "./fake_world.ts";
import type { SettleReply } from "./ports.ts";

/** Returns or throws as soon as its signal aborts. */
const obedient = (end: () => string, started: JobContext[] = []) =>
  handle(defineJob({ type: "obedient" }), (_payload, ctx) => {
    started.push(ctx);
    return new Promise<string>((resolve) => ctx.signal.addEventListener("abort", () => resolve("")))
      .then(end);
  });

/** Changes the replies of the queue. */
function answering(world: FakeWorld, change: (reply: SettleReply) => Promise<SettleReply>): void {
  const settle = world.queue.settleAndClaim.bind(world.queue);
  world.queue.settleAndClaim = async (...args) => await change(await settle(...args));
}

Deno.test("a job that the reply of a report names is aborted, and its success comes too late", async () => {
  const world = new FakeWorld([obedient(() => "saved")]);
  const [job] = world.queue.ready = jobs(1, "obedient");
  world.start();
  await world.clock.advance(100);
  world.queue.abort = [job!.id];
  await world.clock.advance(2_000);
  assert.deepEqual(world.queue.named("heartbeat"), []);
  assert.equal(world.queue.outcomes.get(job!.id)?.error?.code, "canceled");
});

Deno.test("a job that fails for good in the grace at the end of a run has failed", async () => {
  const refuse = () => {
    throw new PermanentError("no such order", { code: "no_order" });
  };
  const world = new FakeWorld([obedient(refuse)]);
  const [held] = world.queue.ready = jobs(1, "obedient", { timeout_ms: 600_000 });
  world.start();
  await world.clock.advance(100);
  world.drain.retire(1_000);
  await world.clock.advance(10_000);
  const { outcome, error } = world.queue.outcomes.get(held!.id)!;
  assert.deepEqual([outcome, error?.code], ["failed", "no_order"]);
});

Deno.test("outcomes that came too late are counted", async () => {
  const world = new FakeWorld([handle(defineJob({ type: "quick" }), () => "done")]);
  world.queue.ready = jobs(1, "quick");
  answering(world, (reply) => {
    const late = [...world.queue.outcomes.keys()].slice(-reply.settled || Infinity);
    return Promise.resolve({ ...reply, settled: 0, stale: late });
  });
  world.start();
  await world.clock.advance(10_000);
  assert.equal(world.report?.stale, 1);
});

Deno.test("jobs of a claim that was on its way when the run was stopped do not start", async () => {
  const started: JobContext[] = [];
  const world = new FakeWorld([obedient(() => "saved", started)]);
  world.queue.ready = jobs(3, "obedient");
  const { promise, resolve } = Promise.withResolvers<void>();
  answering(world, async (reply) => {
    await promise;
    return reply;
  });
  world.start();
  await world.clock.advance(100);
  world.drain.stop("shutdown");
  resolve();
  await world.clock.advance(2_000);
  assert.equal(world.report?.reason, "shutdown");
  assert.deepEqual(started, []);
});
