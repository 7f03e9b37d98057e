import assert from "node:assert/strict";
import { indexHandlers, type JobHandler } from "../core/job/handler.ts";
import { handle } from "../core/job/handler.ts";
import { defineJob } from "../core/job/job_type.ts";
import { FakeClock, jobs } from "./fake_world.ts";
import type { LoopMeter } from "./ports.ts";
import { Slots } from "./slots.ts";

/** Slots with turns of a length that the test sets. */
function stage(handler: JobHandler, turn: { lasted: number }) {
  const clock = new FakeClock();
  const setTimer = clock.setTimer.bind(clock);
  clock.setTimer = (callback, ms) => setTimer(() => (turn.lasted = 0, callback()), ms);
  const ended: string[] = [];
  const meter: LoopMeter = {
    enter: () => 1,
    lasted: () => turn.lasted,
    afterTurn: () => {},
    addUnmeasured: () => {},
    busyMs: () => 0,
  };
  const slots = new Slots({
    ...{ handlers: indexHandlers([handler]), clock, meter, concurrency: 2, graceMs: 100 },
    services: { progress: () => {}, log: () => {}, traceparent: () => "" },
    ended: (job, outcome) => void ended.push(`${job.type} ${outcome.outcome}`),
  });
  return { clock, ended, slots };
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
  slots.cancel([claimed[3]!.id, "unknown"]);
  assert.equal(slots.held, 3);
  assert.equal(slots.releaseWaiting(), 1);
  assert.deepEqual(slots.jobIds(), [claimed[0]!.id, claimed[1]!.id]);
  assert.deepEqual(ended, ["forever errored", "forever released"]);
  slots.abandonAll({ outcome: "released" });
  await Promise.resolve();
  assert.equal(ended.length, 2);
});
