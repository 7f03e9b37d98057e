import assert from "node:assert/strict";
import { indexHandlers, type JobHandler } from "../core/job/handler.ts";
import type { AttemptServices } from "./attempt.ts";
import { handle } from "../core/job/handler.ts";
import type { Outcome } from "../core/job/outcome.ts";
import { defineJob } from "../core/job/job_type.ts";
import { FakeClock, jobs } from "./fake_world.ts";
import type { LoopMeter } from "./ports.ts";
import { Slots } from "./slots.ts";

const services: AttemptServices = {
  progress: () => {},
  log: () => {},
  openBody: () => ({ bytes: Promise.resolve(new Uint8Array()), release() {} }),
  traceparent: () => "",
  tag: ({ tenant_id, id, type, attempt }) => ({
    ...{ runId: 1, tenantId: tenant_id, jobId: id, type, attempt },
  }),
};

/** Slots with turns of a length that the test sets. */
function stage(handler: JobHandler, turn: { lasted: number }) {
  const clock = new FakeClock();
  const setTimer = clock.setTimer.bind(clock);
  clock.setTimer = (callback, ms) => setTimer(() => (turn.lasted = 0, callback()), ms);
  const ended: string[] = [];
  const outcomes: Outcome[] = [];
  const limits = { mayStart: true };
  const meter: LoopMeter = {
    enter: () => 1,
    lasted: () => turn.lasted,
    afterTurn: () => {},
    addUnmeasured: () => {},
    busyMs: () => 0,
  };
  const slots = new Slots({
    ...{ handlers: indexHandlers([handler]), clock, meter, concurrency: 2, graceMs: 100 },
    services,
    scope: { run: (_tag, callback) => callback() },
    mayStart: () => limits.mayStart,
    ended(job, outcome) {
      ended.push(`${job.type} ${outcome.outcome}`);
      outcomes.push(outcome);
    },
  });
  return { clock, ended, limits, outcomes, slots };
}

Deno.test("handlers that block the event loop leave turns between them", async () => {
  const turn = { lasted: 0 };
  const blocking = handle(defineJob({ type: "blocking" }), () => void (turn.lasted += 15));
  const { clock, ended, slots } = stage(blocking, turn);
  slots.add(jobs(5, "blocking"));
  await Promise.resolve();
  assert.ok(turn.lasted <= 45, "two slots, and no more once 20 ms are over");
  assert.ok(slots.held >= 1);
  await clock.advance(1);
  assert.equal(ended.length, 5);
});

Deno.test("a waiting job that is canceled never starts", async () => {
  const forever = handle(defineJob({ type: "forever" }), () => new Promise<void>(() => {}));
  const { ended, slots } = stage(forever, { lasted: 0 });
  const claimed = jobs(4, "forever");
  slots.add(claimed);
  assert.deepEqual(slots.jobIds(), claimed.map(({ id }) => id));
  slots.cancel([claimed[3]!.id, "unknown"]);
  assert.equal(slots.held, 3);
  assert.equal(slots.releaseWaiting(), 1);
  assert.deepEqual(slots.jobIds(), [claimed[0]!.id, claimed[1]!.id]);
  assert.deepEqual(ended, ["forever errored", "forever released"]);
  slots.abandonAll({ outcome: "released" });
  await Promise.resolve();
  assert.equal(ended.length, 2);
});

Deno.test("nothing starts while too much waits to be reported", async () => {
  const quick = handle(defineJob({ type: "quick" }), () => undefined);
  const { ended, limits, slots } = stage(quick, { lasted: 0 });
  limits.mayStart = false;
  slots.add(jobs(2, "quick", { bytes: 100 }));
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual([ended.length, slots.held, slots.heldBytes], [0, 2, 200]);
  limits.mayStart = true;
  slots.fill();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual([ended.length, slots.held, slots.heldBytes], [2, 0, 0]);
});

Deno.test("the bytes of jobs that never ran are given back", () => {
  const forever = handle(defineJob({ type: "forever" }), () => new Promise<void>(() => {}));
  const { slots } = stage(forever, { lasted: 0 });
  const claimed = jobs(5, "forever", { bytes: 10 });
  slots.add(claimed);
  slots.cancel([claimed[4]!.id]);
  assert.equal(slots.heldBytes, 40);
  slots.releaseWaiting();
  assert.equal(slots.heldBytes, 20);
  slots.abandonAll({ outcome: "released" });
  assert.equal(slots.heldBytes, 0);
});

Deno.test("what a handler threw outside its promise is named by its timeout", async () => {
  const stuck = handle(defineJob({ type: "stuck" }), () => new Promise<void>(() => {}));
  const { clock, outcomes, slots } = stage(stuck, { lasted: 0 });
  slots.add(jobs(2, "stuck", { timeout_ms: 50 }));
  slots.tags()[1]!.uncaught = "Error: the socket was reset";
  await clock.advance(200);
  assert.doesNotMatch(outcomes[0]!.error!.message, /socket/);
  assert.match(outcomes[1]!.error!.message, /outside its promise: Error: the socket was reset$/);
});

/** Slots with a handler that asks for a stored body, and what became of the body. */
function bodyStage(run: (read: () => Promise<unknown>) => unknown, failures = 0) {
  const seen = { opened: 0, released: 0 };
  const opening = services.openBody;
  services.openBody = () => {
    const fails = seen.opened++ < failures;
    const bytes = fails ? Promise.reject(new Error("away")) : Promise.resolve(new Uint8Array(1));
    return { bytes, release: () => void seen.released++ };
  };
  let late: (() => Promise<unknown>) | undefined;
  const handler = handle(defineJob({ type: "reading" }), (_, ctx) => {
    late = ctx.storedBody;
    return run(ctx.storedBody) as Promise<undefined>;
  });
  const all = stage(handler, { lasted: 0 });
  return { ...all, seen, late: () => late!(), restore: () => services.openBody = opening };
}

Deno.test("a stored body is opened once and released with its attempt", async () => {
  const { clock, ended, late, restore, seen, slots } = bodyStage(async (read) => {
    assert.equal(await read(), await read());
    assert.deepEqual(seen, { opened: 1, released: 0 });
  });
  try {
    slots.add(jobs(1, "reading"));
    await clock.advance(1);
    assert.deepEqual(ended, ["reading succeeded"]);
    assert.deepEqual(seen, { opened: 1, released: 1 });
    await assert.rejects(late(), { name: "AbortError" });
  } finally {
    restore();
  }
});

Deno.test("an abandoned attempt releases its stored body", async () => {
  const { clock, restore, seen, slots } = bodyStage(async (read) => {
    await read();
    await new Promise(() => {});
  });
  try {
    slots.add(jobs(1, "reading"));
    await clock.advance(1);
    slots.abandonAll({ outcome: "released" });
    assert.deepEqual(seen, { opened: 1, released: 1 });
  } finally {
    restore();
  }
});

Deno.test("a stored body that could not be read is read again when it is asked for again", async () => {
  const { clock, ended, restore, seen, slots } = bodyStage(async (read) => {
    await assert.rejects(read(), { message: "away" });
    await read();
  }, 1);
  try {
    slots.add(jobs(1, "reading"));
    await clock.advance(1);
    assert.deepEqual(ended, ["reading succeeded"]);
    assert.deepEqual(seen, { opened: 2, released: 2 });
  } finally {
    restore();
  }
});

const forever = handle(defineJob({ type: "forever" }), () => new Promise<void>(() => {}));

Deno.test("every attempt ends at its own timeout", async () => {
  const { clock, outcomes, slots } = stage(forever, { lasted: 0 });
  slots.add(jobs(1, "forever", { timeout_ms: 100 }));
  slots.add(jobs(1, "forever", { timeout_ms: 300 }));
  await clock.advance(1_000);
  assert.deepEqual(outcomes.map(({ outcome }) => outcome), ["timed_out", "timed_out"]);
});

Deno.test("only the first order to stop an attempt counts", async () => {
  const { clock, outcomes, slots } = stage(forever, { lasted: 0 });
  const claimed = jobs(1, "forever");
  slots.add(claimed);
  slots.cancel([claimed[0]!.id]);
  slots.interruptAll(() => ({ kind: "released", outcome: { outcome: "released" } }));
  await clock.advance(1_000);
  assert.deepEqual(outcomes.map(({ error }) => error?.code), ["canceled"]);
});

Deno.test("a canceled job does not change since when the others wait", async () => {
  const { clock, slots } = stage(forever, { lasted: 0 });
  const claimed = jobs(4, "forever");
  slots.add(claimed);
  await clock.advance(50);
  slots.cancel([claimed[3]!.id]);
  assert.equal(slots.waitingSince, 0);
  slots.abandonAll({ outcome: "released" });
});
