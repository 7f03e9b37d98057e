import assert from "node:assert/strict";
import * as z from "zod";
import { JobForgeError } from "../core/errors.ts";
import { handle, type JobContext, type JobHandler } from "../core/job/handler.ts";
import { defineJob } from "../core/job/job_type.ts";
import { FakeWorld, jobs } from "./fake_world.ts";

const slowJob = defineJob({ type: "slow", payload: z.object({ ms: z.number() }) });
const deafJob = defineJob({ type: "deaf" });

interface Stage {
  world: FakeWorld;
  contexts: JobContext[];
  handlers: JobHandler[];
}

/** A run with `slow` jobs that obey their signal and `deaf` jobs that never end. */
function stage(settings: ConstructorParameters<typeof FakeWorld>[1] = {}): Stage {
  const contexts: JobContext[] = [];
  const slow = handle(slowJob, (payload, ctx) => {
    contexts.push(ctx);
    return new Promise<void>((resolve, reject) => {
      world.clock.setTimer(resolve, payload.ms);
      ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason));
    });
  });
  const deaf = handle(deafJob, (_payload, ctx) => {
    contexts.push(ctx);
    return new Promise<void>(() => {});
  });
  const handlers = [slow, deaf];
  const world = new FakeWorld(handlers, settings);
  return { world, contexts, handlers };
}

Deno.test("leases are extended every 5 s while a job runs", async () => {
  const { world } = stage();
  world.queue.ready = jobs(20, "slow", { payload: { ms: 16_000 } });
  world.start();
  await world.clock.advance(15_900);
  assert.deepEqual(world.queue.named("heartbeat").map((call) => call.at), [5_000, 10_000, 15_000]);
});

Deno.test("progress goes out at most once a second, the last value wins", async () => {
  const { world, contexts } = stage();
  world.queue.ready = jobs(20, "slow", { payload: { ms: 5_000 } });
  world.start();
  await world.clock.advance(100);
  for (const percent of [10, 20, 30]) contexts[0]!.progress({ percent });
  contexts[1]!.progress(NaN);
  await world.clock.advance(1_500);
  const [early] = world.queue.named("heartbeat");
  assert.equal(early?.at, 1_000);
  assert.deepEqual(early?.detail, [{ id: contexts[0]!.jobId, progress: { percent: 30 } }]);
});

Deno.test("a canceled job is aborted at the next heartbeat and reported when it stops", async () => {
  const { world, contexts } = stage();
  world.queue.ready = jobs(20, "slow", { payload: { ms: 30_000 } });
  world.start();
  await world.clock.advance(1_000);
  world.queue.abort = [contexts[3]!.jobId];
  await world.clock.advance(4_200);
  assert.equal(contexts[3]!.signal.aborted, true);
  assert.equal(contexts[2]!.signal.aborted, false);
  assert.equal(world.queue.outcomes.get(contexts[3]!.jobId)?.error?.code, "canceled");
});

Deno.test("a job that exceeds its timeout is aborted and reported as timed out", async () => {
  const { world, contexts } = stage();
  world.queue.ready = jobs(1, "slow", { payload: { ms: 30_000 }, timeout_ms: 700 });
  world.start();
  await world.clock.advance(800);
  assert.equal((contexts[0]!.signal.reason as Error).name, "TimeoutError");
  assert.equal(world.queue.outcomes.get(contexts[0]!.jobId)?.outcome, "timed_out");
});

Deno.test("a handler that ignores its signal is abandoned and its slot is freed", async () => {
  const { world, contexts } = stage({ concurrency: 1, maxBatch: 1 });
  world.queue.ready = [
    ...jobs(1, "deaf", { timeout_ms: 500 }),
    ...jobs(1, "slow", { payload: { ms: 10 } }),
  ];
  world.start();
  await world.clock.advance(1_400);
  assert.equal(world.queue.outcomes.size, 0);
  await world.clock.advance(600);
  assert.equal(world.queue.outcomes.get(contexts[0]!.jobId)?.outcome, "timed_out");
  assert.equal(world.queue.outcomes.get(contexts[1]!.jobId)?.outcome, "succeeded");
});

Deno.test("the late result of an abandoned handler is ignored", async () => {
  let finish = () => {};
  const late = handle(deafJob, () => new Promise<void>((resolve) => finish = resolve));
  const world = new FakeWorld([late]);
  world.queue.ready = jobs(1, "deaf", { timeout_ms: 500 });
  world.start();
  await world.clock.advance(1_700);
  finish();
  await world.clock.advance(5_000);
  const reported = world.queue.named("settle").flatMap((call) => call.outcomes);
  assert.deepEqual(reported.map((outcome) => outcome.outcome), ["timed_out"]);
});

Deno.test("a run the database gave up stops everything and calls no more", async () => {
  const { world, contexts } = stage();
  world.queue.ready = jobs(20, "slow", { payload: { ms: 30_000 } });
  world.start();
  await world.clock.advance(4_000);
  world.queue.failures = [new JobForgeError("run_ended", "over")];
  await world.clock.advance(1_100);
  const calls = world.queue.calls.length;
  assert.equal(world.report?.reason, "run_ended");
  assert.ok(contexts.every((ctx) => ctx.signal.aborted));
  await world.clock.advance(60_000);
  assert.equal(world.queue.calls.length, calls);
});

Deno.test("at the end of the run late starters are released, the wall clock is the reason", async () => {
  const { world, contexts } = stage();
  world.start();
  await world.clock.advance(500);
  world.queue.ready = jobs(20, "deaf", { timeout_ms: 86_400_000 });
  await world.clock.advance(20_000);
  world.queue.ready = jobs(1, "slow", { payload: { ms: 1 } });
  await world.clock.advance(40_000);
  const kinds = new Set([...world.queue.outcomes.values()].map((outcome) => outcome.outcome));
  assert.deepEqual([...kinds], ["timed_out"]);
  assert.equal(world.queue.outcomes.get(contexts[0]!.jobId)?.error?.code, "wall_clock_exceeded");
  assert.equal(world.queue.named("finish")[0]?.detail, "wall_clock");
  assert.ok(world.queue.named("finish")[0]!.at <= 60_000);
});

Deno.test("a job stopped by the end of a run it joined late keeps its attempt", async () => {
  const { world, contexts } = stage({ concurrency: 1, maxBatch: 1 });
  world.queue.ready = [
    ...jobs(1, "slow", { payload: { ms: 25_000 } }),
    ...jobs(1, "slow", { payload: { ms: 59_000 }, timeout_ms: 60_000 }),
  ];
  world.start();
  await world.clock.advance(60_000);
  assert.equal(world.queue.outcomes.get(contexts[0]!.jobId)?.outcome, "succeeded");
  assert.equal(world.queue.outcomes.get(contexts[1]!.jobId)?.outcome, "released");
});

Deno.test("no job starts after 60 % of the wall clock", async () => {
  const { world } = stage();
  world.queue.ready = jobs(1_000, "slow", { payload: { ms: 1_500 } });
  world.start();
  await world.clock.advance(60_000);
  const claims = world.queue.named("settle").filter((call) => call.limit > 0);
  assert.ok(Math.max(...claims.map((call) => call.at)) < 36_000);
  assert.equal(world.report?.reason, "wall_clock");
  assert.ok(world.report.durationMs < 40_000);
});

Deno.test("a run that used up its CPU finishes running jobs and reports the reason", async () => {
  const { world } = stage();
  world.queue.ready = jobs(100, "slow", { payload: { ms: 2_000 } });
  world.start();
  await world.clock.advance(1_000);
  world.busyMs = 1_000;
  await world.clock.advance(3_000);
  assert.equal(world.report?.reason, "cpu");
  assert.equal(world.report.succeeded, 20);
  assert.equal(world.queue.ready.length, 80);
});

Deno.test("beforeunload aborts, reports what is done, and releases the rest by one call", async () => {
  const { world, contexts } = stage();
  world.queue.ready = [
    ...jobs(1, "slow", { payload: { ms: 980 } }),
    ...jobs(5, "slow", { payload: { ms: 30_000 } }),
  ];
  world.start();
  await world.clock.advance(1_000);
  world.queue.calls.length = 0;
  world.drain.stop("shutdown");
  await world.clock.advance(10);
  assert.ok(contexts.slice(1).every((ctx) => ctx.signal.aborted));
  assert.deepEqual(world.queue.calls.map((call) => call.name), ["settle", "finish"]);
  assert.equal(world.queue.calls[0]?.outcomes.length, 1);
  assert.equal(world.queue.calls[1]?.detail, "shutdown");
  assert.equal(world.report?.reason, "shutdown");
});

Deno.test("with nothing finished, beforeunload makes a single call", async () => {
  const { world } = stage();
  world.queue.ready = jobs(5, "deaf");
  world.start();
  await world.clock.advance(1_000);
  world.queue.calls.length = 0;
  world.drain.stop("wall_clock");
  world.drain.stop("shutdown");
  await world.clock.advance(60_000);
  assert.deepEqual(world.queue.calls.map((call) => [call.name, call.detail]), [
    ["finish", "wall_clock"],
  ]);
});

Deno.test("a job that ran when the CPU ended spends its attempt", async () => {
  const { world, contexts } = stage();
  world.queue.ready = jobs(2, "deaf");
  world.start();
  await world.clock.advance(1_000);
  world.drain.stop("cpu");
  await world.clock.advance(10);
  assert.equal(world.queue.outcomes.get(contexts[0]!.jobId)?.error?.code, "cpu_limit");
  assert.equal(world.queue.named("finish")[0]?.detail, "cpu");
});

Deno.test("jobs that ran when memory ended spend their attempts, waiting ones do not", async () => {
  const { world, contexts } = stage({ concurrency: 2, maxBatch: 4 });
  world.queue.ready = jobs(4, "deaf");
  world.start();
  await world.clock.advance(1_000);
  world.drain.stop("memory");
  await world.clock.advance(10);
  assert.deepEqual(
    [...world.queue.outcomes.values()].map(({ id, outcome, error }) => [id, outcome, error?.code]),
    contexts.map(({ jobId }) => [jobId, "errored", "memory_limit"]),
  );
  assert.equal(contexts.length, 2);
});

Deno.test("a signal that is asked for after the order to stop is aborted", async () => {
  const { world, contexts } = stage();
  world.queue.ready = jobs(1, "deaf", { timeout_ms: 500 });
  world.start();
  await world.clock.advance(600);
  const { signal } = contexts[0]!;
  assert.equal(signal.aborted, true);
  assert.equal((signal.reason as Error).name, "TimeoutError");
});

Deno.test("a job that succeeds in the grace at the end of a run has succeeded", async () => {
  const obedient = handle(defineJob({ type: "obedient" }), (_payload, { signal }) => {
    return new Promise<string>((resolve) =>
      signal.addEventListener("abort", () => resolve("saved"))
    );
  });
  const world = new FakeWorld([obedient, ...stage().handlers], { concurrency: 1, maxBatch: 1 });
  const [, late] = world.queue.ready = [
    ...jobs(1, "slow", { payload: { ms: 20_000 } }),
    ...jobs(1, "obedient", { timeout_ms: 600_000 }),
  ];
  world.start();
  await world.clock.advance(60_000);
  assert.deepEqual(world.queue.outcomes.get(late!.id)?.result, "saved");
});

Deno.test("progress after the order to stop, or after the end, is not reported", async () => {
  const { world, contexts } = stage({ concurrency: 2, maxBatch: 2 });
  world.queue.ready = [
    ...jobs(1, "deaf", { timeout_ms: 500 }),
    ...jobs(1, "slow", { payload: { ms: 30_000 } }),
  ];
  world.start();
  await world.clock.advance(600);
  contexts[0]!.progress("stopped");
  await world.clock.advance(2_000);
  contexts[0]!.progress("over");
  contexts[1]!.progress("half");
  await world.clock.advance(6_000);
  const sent = world.queue.calls.flatMap(({ detail }) => Array.isArray(detail) ? detail : []);
  assert.deepEqual(sent.map(({ progress }) => progress).filter(Boolean), ["half"]);
});
