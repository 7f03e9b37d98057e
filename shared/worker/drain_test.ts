import assert from "node:assert/strict";
import * as z from "zod";
import { handle, type JobContext, PermanentError, PostponeError } from "../core/job/handler.ts";
import { defineJob } from "../core/job/job_type.ts";
import { FakeWorld, jobs } from "./fake_world.ts";

const noop = handle(defineJob({ type: "noop" }), () => ({ ok: true }));

/** A handler that ends after the milliseconds in its payload, in fake time. */
function slow(world: () => FakeWorld, seen: JobContext[] = []) {
  return handle(
    defineJob({ type: "slow", payload: z.object({ ms: z.number() }) }),
    (payload, ctx) => {
      seen.push(ctx);
      return new Promise<void>((resolve) => world().clock.setTimer(resolve, payload.ms));
    },
  );
}

Deno.test("a run drains what is ready and ends after 1.5 s without work", async () => {
  const world = new FakeWorld([noop]);
  world.queue.ready = jobs(50, "noop");
  const ids = world.queue.ready.map((job) => job.id);
  world.start();
  await world.clock.advance(3_000);
  assert.deepEqual(
    ids.map((id) => world.queue.outcomes.get(id)?.outcome),
    ids.map(() => "succeeded"),
  );
  assert.deepEqual(world.queue.outcomes.get(ids[0]!)?.result, { ok: true });
  const [finish] = world.queue.named("finish");
  assert.equal(finish?.detail, "drained");
  assert.ok(finish.at >= 1_500);
  assert.equal(world.report?.succeeded, 50);
});

Deno.test("an idle run ends after five claims and is silent then", async () => {
  const world = new FakeWorld([noop]);
  world.start();
  await world.clock.advance(30_000);
  assert.deepEqual(world.queue.calls.map((call) => call.name), [
    ...["settle", "settle", "settle", "settle", "settle", "finish"],
  ]);
});

Deno.test("no-op jobs are claimed in growing batches, one call each", async () => {
  const world = new FakeWorld([noop]);
  world.queue.ready = jobs(2_000, "noop");
  world.start();
  await world.clock.advance(1_000);
  const limits = world.queue.named("settle").map((call) => call.limit);
  assert.deepEqual(limits.slice(0, 6), [15, 20, 40, 80, 160, 200]);
  const working = world.queue.named("settle").filter((call) => call.outcomes.length > 0);
  assert.ok(working.length <= 14, `${working.length} calls`);
});

Deno.test("never more handlers at once than the concurrency", async () => {
  let running = 0;
  let most = 0;
  const counted = handle(defineJob({ type: "counted" }), async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => world.clock.setTimer(resolve, 10));
    running--;
  });
  const world: FakeWorld = new FakeWorld([counted], { concurrency: 7 });
  world.queue.ready = jobs(100, "counted");
  world.start();
  await world.clock.advance(5_000);
  assert.equal(most, 7);
  assert.equal(world.report?.succeeded, 100);
});

Deno.test("slow jobs are claimed as slots become free, and not held", async () => {
  const world: FakeWorld = new FakeWorld([slow(() => world)]);
  world.queue.ready = jobs(100, "slow", { payload: { ms: 3_000 } });
  world.start();
  await world.clock.advance(10_000);
  const held = world.queue.named("settle").map((call) => call.limit);
  assert.ok(Math.max(...held) <= 20);
  assert.equal(world.queue.ready.length, 100 - 4 * 20);
});

Deno.test("jobs claimed for a fast run are handed back when they turn out slow", async () => {
  const world: FakeWorld = new FakeWorld([noop, slow(() => world)]);
  world.queue.ready = [
    ...jobs(1_000, "noop"),
    ...jobs(200, "slow", { payload: { ms: 20_000 } }),
  ];
  world.start();
  await world.clock.advance(4_000);
  const released = [...world.queue.outcomes.values()].filter((o) => o.outcome === "released");
  assert.equal(released.length, 180);
});

Deno.test("a lone outcome waits 50 ms for others", async () => {
  const world: FakeWorld = new FakeWorld([slow(() => world)]);
  world.queue.ready = [
    ...jobs(1, "slow", { payload: { ms: 100 } }),
    ...jobs(1, "slow", { payload: { ms: 120 } }),
    ...jobs(1, "slow", { payload: { ms: 9_000 } }),
  ];
  world.start();
  await world.clock.advance(300);
  const report = world.queue.named("settle").find((call) => call.outcomes.length > 0);
  assert.equal(report?.outcomes.length, 2);
  assert.equal(report?.at, 150);
});

Deno.test("what one job does wrong stays its own", async () => {
  const picky = handle(
    defineJob({ type: "picky", payload: z.strictObject({ n: z.number() }) }),
    () => undefined,
  );
  const throws = handle(defineJob({ type: "throws" }), () => {
    throw new PermanentError("never", { code: "nope" });
  });
  const huge = handle(defineJob({ type: "huge" }), () => "x".repeat(300_000));
  const shaped = handle(
    defineJob({ type: "shaped", result: z.object({ n: z.number() }) }),
    () => ({ n: "planted" }) as unknown as { n: number },
  );
  const world = new FakeWorld([noop, picky, throws, huge, shaped]);
  const types = ["noop", "picky", "throws", "huge", "shaped", "missing", "noop"];
  const ready = types.flatMap((type) => jobs(1, type));
  world.queue.ready = [...ready];
  world.start();
  await world.clock.advance(3_000);
  const ends = ready.map((job) => world.queue.outcomes.get(job.id)!);
  assert.deepEqual(ends.map((end) => [end.outcome, end.error?.code]), [
    ["succeeded", undefined],
    ["failed", "invalid_payload"],
    ["failed", "nope"],
    ["failed", "result_too_large"],
    ["failed", "invalid_result"],
    ["errored", "unknown_type"],
    ["succeeded", undefined],
  ]);
  assert.match(ends[1]!.error!.message, /^n is required, and must be a number \(invalid_type\)$/);
  assert.doesNotMatch(ends[4]!.error!.message, /planted/);
});

Deno.test("a handler that postpones its job hands it back with its time, and counts as no failure", async () => {
  const later = handle(defineJob({ type: "later" }), () => {
    throw new PostponeError("not yet", { afterMs: 90_000, code: "host_closed" });
  });
  const world = new FakeWorld([later]);
  const [job] = world.queue.ready = jobs(1, "later");
  world.start();
  await world.clock.advance(3_000);
  const { lease_token, ...end } = world.queue.outcomes.get(job!.id)!;
  assert.equal(lease_token, job!.lease_token);
  assert.deepEqual(end, {
    tenant_id: job!.tenant_id,
    id: job!.id,
    outcome: "released",
    error: { code: "host_closed", message: "not yet" },
    retry_after_ms: 90_000,
  });
  assert.deepEqual([world.report?.released, world.report?.unsuccessful], [1, 0]);
  assert.equal(world.lines.filter((line) => line.event === "job_unsuccessful").length, 0);
});

Deno.test("a handler reads its attempt and may destructure its context", async () => {
  const seen: unknown[] = [];
  const curious = handle(
    defineJob({ type: "curious" }),
    (
      _payload,
      { jobId, idempotencyKey, attempt, maxAttempts, traceparent, progress, log, signal },
    ) => {
      progress({ half: true });
      log("looked around", { things: 3 });
      seen.push({ same: jobId === idempotencyKey, attempt, maxAttempts, traceparent });
      seen.push(signal.aborted);
    },
  );
  const world = new FakeWorld([curious]);
  const traceparent = "00-11111111111111111111111111111111-2222222222222222-01";
  world.queue.ready = jobs(1, "curious", { attempt: 3, traceparent });
  world.start();
  await world.clock.advance(100);
  assert.deepEqual(seen, [{ same: true, attempt: 3, maxAttempts: 5, traceparent }, false]);
  const line = world.lines.find((entry) => entry.event === "job_log");
  assert.deepEqual(line?.fields.values, { things: 3 });
});

Deno.test("a run logs a bounded number of lines, however many jobs fail", async () => {
  const failing = handle(defineJob({ type: "failing" }), () => {
    throw new Error("planted");
  });
  const world = new FakeWorld([failing]);
  world.queue.ready = jobs(500, "failing");
  world.start();
  await world.clock.advance(3_000);
  assert.ok(world.lines.length <= 21);
  const last = world.lines.at(-1);
  assert.equal(last?.event, "run_finished");
  assert.equal(last?.fields.suppressed, 480);
  assert.doesNotMatch(JSON.stringify(world.lines), /planted/);
});
