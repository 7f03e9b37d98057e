import assert from "node:assert/strict";
import * as z from "zod";
import { JobForgeError } from "../core/errors.ts";
import { handle, type JobContext } from "../core/job/handler.ts";
import { defineJob } from "../core/job/job_type.ts";
import { planRun } from "../core/run/budget.ts";
import { FakeWorld, jobs } from "./fake_world.ts";
import { ReplyTooLargeError, type ReportedOutcome } from "./ports.ts";

const noop = handle(defineJob({ type: "noop" }), () => ({ ok: true }));
const failing = handle(defineJob({ type: "failing" }), () => {
  throw new Error("no");
});
let isWorking = false;
const unavailable = () => new JobForgeError("unavailable", "down");

/** A handler that ends after the milliseconds in its payload. */
function slow(world: () => FakeWorld, contexts: JobContext[] = []) {
  return handle(defineJob({ type: "slow", payload: z.object({ ms: z.number() }) }), (p, ctx) => {
    contexts.push(ctx);
    return new Promise<void>((resolve) => world().clock.setTimer(resolve, p.ms));
  });
}

/** Runs 20 jobs whose reports fail as `refuses` does for one of them. */
async function withPoison(
  refuses: (outcome: ReportedOutcome, poison: string) => boolean,
): Promise<{ world: FakeWorld; poison: string; others: string[] }> {
  const world = new FakeWorld([noop]);
  const ids = (world.queue.ready = jobs(20, "noop")).map(({ id }) => id);
  const poison = ids[7]!;
  world.queue.refuses = (outcome) => refuses(outcome, poison);
  world.start();
  await world.clock.advance(150);
  return { world, poison, others: ids.filter((id) => id !== poison) };
}

Deno.test("a report that cannot be written here blames one job, and no other waits", async () => {
  const { world, poison, others } = await withPoison(({ id, result }, poison) => {
    if (id === poison && result) throw new RangeError("Maximum call stack size exceeded");
    return false;
  });
  assert.ok(others.every((id) => world.queue.outcomes.get(id)?.outcome === "succeeded"));
  await world.clock.advance(3_000);
  const end = world.queue.outcomes.get(poison);
  assert.deepEqual([end?.outcome, end?.error?.code], ["errored", "report_failed"]);
});

for (const code of ["internal", "forbidden"] as const) {
  Deno.test(`an outcome that always ends in ${code} holds up no other, and ends by itself`, async () => {
    const { world, poison, others } = await withPoison(({ id, result }, poison) => {
      if (id === poison && result) throw new JobForgeError(code, "no");
      return false;
    });
    assert.ok(others.every((id) => world.queue.outcomes.get(id)?.outcome === "succeeded"));
    assert.equal(world.queue.outcomes.has(poison), false);
    await world.clock.advance(3_000);
    assert.equal(world.queue.outcomes.get(poison)?.error?.code, "report_failed");
    assert.equal(world.report?.reason, "drained");
  });
}

Deno.test("an unclear error that passes by itself costs no result", async () => {
  let errors = 3;
  const { world, poison } = await withPoison(({ id }, poison) => {
    if (id === poison && errors-- > 0) throw new JobForgeError("internal", "no");
    return false;
  });
  await world.clock.advance(3_000);
  assert.deepEqual(world.queue.outcomes.get(poison)?.result, { ok: true });
});

Deno.test("an error that is about no single outcome ends the search soon", async () => {
  const world = new FakeWorld([noop]);
  const ids = (world.queue.ready = jobs(200, "noop")).map(({ id }) => id);
  world.start();
  await world.clock.advance(1);
  let isBroken = true;
  world.queue.refuses = () => {
    if (isBroken) throw new JobForgeError("forbidden", "the key was revoked");
    return false;
  };
  await world.clock.advance(400);
  assert.ok(world.queue.calls.length < 50, `${world.queue.calls.length} calls`);
  isBroken = false;
  await world.clock.advance(10_000);
  assert.ok(ids.every((id) => world.queue.outcomes.get(id)?.outcome === "succeeded"));
});

Deno.test("progress that is rejected blames no outcome", async () => {
  const reporting = handle(defineJob({ type: "reporting" }), (_payload, { progress }) => {
    progress("half");
    return 1;
  });
  const world = new FakeWorld([reporting]);
  const [job] = world.queue.ready = jobs(1, "reporting");
  world.queue.refusesProgress = (progress) => progress.length > 0;
  world.start();
  await world.clock.advance(3_000);
  assert.equal(world.queue.outcomes.get(job!.id)?.result, 1);
});

Deno.test("an outcome to record later is repeated with the next report until it is", async () => {
  const world: FakeWorld = new FakeWorld([noop, slow(() => world)]);
  const [late] = jobs(1, "noop");
  world.queue.ready = [late!, ...jobs(2, "slow", { payload: { ms: 100 } })];
  let postponed = true;
  world.queue.postpones = ({ id }) => postponed && id === late!.id;
  world.start();
  await world.clock.advance(2_900);
  const reports = world.queue.named("settle").filter(({ outcomes }) =>
    outcomes.some(({ id }) => id === late!.id)
  );
  assert.ok(reports.some(({ outcomes }) => outcomes.length > 1), "it went with others");
  assert.ok(reports.length >= 3 && reports.length <= 15, `${reports.length} reports`);
  assert.equal(world.queue.named("finish").length, 0, "the run waits for it");
  postponed = false;
  await world.clock.advance(7_000);
  assert.deepEqual(world.queue.outcomes.get(late!.id)?.result, { ok: true });
  assert.equal(world.report?.reason, "drained");
});

Deno.test("an outcome to record later is repeated once more before the run ends", async () => {
  const world = new FakeWorld([noop], { budget: planRun(10_000) });
  const [late] = world.queue.ready = jobs(1, "noop");
  world.queue.postpones = () => world.clock.now() < 9_400;
  world.start();
  await world.clock.advance(10_000);
  assert.equal(world.queue.outcomes.get(late!.id)?.outcome, "succeeded");
  assert.equal(world.report?.reason, "wall_clock");
});

Deno.test("an outcome that could not be sent is tried once more when the run is stopped", async () => {
  const { world, poison } = await withPoison(({ id }, poison) => {
    if (id === poison && !isWorking) throw new JobForgeError("internal", "no");
    return false;
  });
  assert.equal(world.queue.outcomes.has(poison), false);
  isWorking = true;
  world.drain.stop("shutdown");
  await world.clock.advance(10);
  assert.deepEqual(world.queue.outcomes.get(poison)?.result, { ok: true });
  assert.equal(world.report?.reason, "shutdown");
});

Deno.test("a reply beyond its bound is given up: its jobs go back, the next claim is small", async () => {
  const world = new FakeWorld([noop]);
  world.queue.ready = jobs(300, "noop");
  world.start();
  await world.clock.advance(1);
  const before = world.queue.named("settle").length;
  world.queue.ready = jobs(300, "noop");
  world.queue.failures = [new ReplyTooLargeError(1)];
  world.queue.calls.length = 0;
  await world.clock.advance(1_700);
  assert.ok(before >= 1);
  await world.clock.advance(1_000);
  const { calls } = world.queue;
  const released = calls.findIndex(({ name }) => name === "release");
  assert.ok(released > 0);
  assert.equal(calls.slice(released).find(({ name }) => name === "settle")?.limit, 15);
});

Deno.test("a run holds at most 16 MiB of payloads, however many slots it has", async () => {
  const world: FakeWorld = new FakeWorld([slow(() => world)], { concurrency: 200 });
  const heavy = { payload: { ms: 500, text: "x".repeat(255_000) } };
  world.queue.ready = jobs(200, "slow", heavy);
  world.start();
  await world.clock.advance(450);
  const claimed = 200 - world.queue.ready.length;
  assert.equal(world.queue.calls[0]?.limit, 15);
  assert.ok(claimed > 60 && claimed * 255_000 <= 16 * 1024 * 1024, `${claimed}`);
});

Deno.test("at the end of the wall clock what is finished is reported before the run ends", async () => {
  const contexts: JobContext[] = [];
  const world: FakeWorld = new FakeWorld([slow(() => world, contexts)]);
  world.queue.ready = jobs(1, "slow", { payload: { ms: 54_000 }, timeout_ms: 600_000 });
  world.start();
  await world.clock.advance(53_900);
  // The database answers nothing until the moment of the last report.
  world.queue.failures = Array.from({ length: 3 }, () => "hang" as const);
  await world.clock.advance(6_100);
  const { jobId } = contexts[0]!;
  assert.equal(world.queue.outcomes.get(jobId)?.outcome, "succeeded");
  const names = world.queue.calls.slice(-2).map(({ name }) => name);
  assert.deepEqual(names, ["settle", "finish"]);
  assert.ok(world.queue.calls.at(-1)!.at <= 60_000);
});

Deno.test("handlers that ignore the end of the run are reported before it ends", async () => {
  const deaf = handle(defineJob({ type: "deaf" }), () => new Promise<void>(() => {}));
  const world = new FakeWorld([deaf], { graceMs: 60_000 });
  const [job] = world.queue.ready = jobs(1, "deaf", { timeout_ms: 600_000 });
  world.start();
  await world.clock.advance(60_000);
  const end = world.queue.outcomes.get(job!.id);
  assert.equal(end?.error?.code, "wall_clock_exceeded");
  assert.match(end.error.message, /can last 49000 ms, because JOBFORGE_WALL_CLOCK_MS is 60000/);
  assert.deepEqual(world.queue.calls.slice(-2).map(({ name }) => name), ["settle", "finish"]);
});

Deno.test("a call that hangs when the run is stopped is given up, and its outcomes go again", async () => {
  const world: FakeWorld = new FakeWorld([slow(() => world)]);
  const five = jobs(5, "slow", { payload: { ms: 10 } });
  const ids = (world.queue.ready = five).map(({ id }) => id);
  world.start();
  await world.clock.advance(5);
  world.queue.failures = ["hang"];
  await world.clock.advance(100);
  assert.equal(world.queue.outcomes.size, 0);
  const stoppedAt = world.clock.now();
  world.drain.stop("wall_clock");
  await world.clock.advance(5_000);
  assert.deepEqual([...world.queue.outcomes.keys()], ids);
  const finish = world.queue.named("finish")[0]!;
  assert.equal(finish.detail, "wall_clock");
  assert.ok(finish.at - stoppedAt < 2_000);
});

Deno.test("a run that is stopped reports more than one report carries", async () => {
  const large = handle(defineJob({ type: "large" }), () => "x".repeat(250_000));
  const world = new FakeWorld([large], { concurrency: 60, maxBatch: 60 });
  world.queue.ready = jobs(60, "large");
  world.start();
  await world.clock.advance(1);
  world.queue.failures = [unavailable(), unavailable(), unavailable()];
  await world.clock.advance(300);
  world.drain.stop("shutdown");
  await world.clock.advance(5_000);
  const claimed = world.report!.claimed;
  assert.ok(claimed >= 15);
  assert.equal(world.queue.outcomes.size, claimed);
});

Deno.test("a report that only fails because of its size gets through in parts", async () => {
  const world = new FakeWorld([noop]);
  const ids = (world.queue.ready = jobs(64, "noop")).map(({ id }) => id);
  let most = 4;
  const { settleAndClaim } = world.queue;
  world.queue.settleAndClaim = (runId, report) => {
    const isLarge = report.outcomes.length > most;
    if (isLarge) return Promise.reject(unavailable());
    return settleAndClaim.call(world.queue, runId, report);
  };
  world.start();
  await world.clock.advance(30_000);
  assert.ok(ids.every((id) => world.queue.outcomes.has(id)));
  most = 1_000;
});

Deno.test("an outcome that times out alone does not keep the others waiting", async () => {
  const world = new FakeWorld([noop]);
  const ids = (world.queue.ready = jobs(8, "noop")).map(({ id }) => id);
  world.queue.refuses = ({ id }) => {
    if (id === ids[0]) throw unavailable();
    return false;
  };
  world.start();
  await world.clock.advance(30_000);
  assert.deepEqual(ids.filter((id) => !world.queue.outcomes.has(id)), [ids[0]]);
});

Deno.test("an overdue job ends at its timeout in a run too busy for a heartbeat", async () => {
  const deaf = handle(defineJob({ type: "deaf" }), () => new Promise<void>(() => {}));
  const world = new FakeWorld([noop, deaf], { maxBatch: 20 });
  const [overdue] = jobs(1, "deaf", { timeout_ms: 8_000 });
  world.queue.ready = [overdue!];
  const { settleAndClaim } = world.queue;
  let endedAt = 0;
  world.queue.settleAndClaim = async (runId, report) => {
    if (world.queue.ready.length < 20) world.queue.ready.push(...jobs(20, "noop"));
    // Each call takes a while, as in a real run.
    await new Promise<void>((resolve) => world.clock.setTimer(resolve, 100));
    if (report.outcomes.some(({ id }) => id === overdue!.id)) endedAt = world.clock.now();
    return settleAndClaim.call(world.queue, runId, report);
  };
  world.start();
  await world.clock.advance(10_000);
  assert.equal(world.queue.named("heartbeat").length, 0);
  assert.equal(world.queue.outcomes.get(overdue!.id)?.outcome, "timed_out");
  assert.ok(endedAt >= 8_000 && endedAt <= 9_500, `${endedAt}`);
});

Deno.test("what a handler threw reaches the developer's terminal, and no log", async () => {
  const world = new FakeWorld([failing]);
  const [job] = world.queue.ready = jobs(1, "failing");
  world.start();
  await world.clock.advance(3_000);
  assert.equal(world.shown[0]?.jobId, job!.id);
  assert.equal((world.shown[0]?.thrown as Error).message, "no");
  assert.doesNotMatch(JSON.stringify(world.lines), /Error: no/);
});
