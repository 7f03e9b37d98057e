import assert from "node:assert/strict";
import { Attempt } from "./attempt.ts";
import { FakeWorld, jobs } from "./fake_world.ts";
import { attemptServices } from "./run_services.ts";
import { StoredBodies } from "./stored_bodies.ts";

/** An attempt with its services, and what became of its progress. */
function stage() {
  const { clock } = new FakeWorld([]);
  const progress: string[] = [];
  const events: string[] = [];
  let traces = 0;
  const services = attemptServices({
    runId: 1,
    log: { write: (_level, event) => void events.push(event) },
    newTraceparent: () => `00-${String(++traces).padStart(32, "0")}-b7ad6b7169203331-00`,
    bodies: new StoredBodies(() => Promise.reject(new Error("none")), clock),
    setProgress: (_jobId, { text }) => void progress.push(text),
  });
  const attempt = new Attempt(jobs(1, "a")[0]!, 0, 0, 0, services);
  return { attempt, events, progress, services };
}

Deno.test("progress has at most 4,096 bytes of JSON", () => {
  const { attempt, events, progress } = stage();
  attempt.progress("x".repeat(4_094));
  attempt.progress("x".repeat(4_095));
  assert.deepEqual(progress.map(({ length }) => length), [4_096]);
  assert.deepEqual(events, ["progress_refused"]);
});

Deno.test("progress of an attempt that has ended is not kept", () => {
  const { attempt, progress } = stage();
  attempt.end();
  attempt.progress("late");
  assert.deepEqual(progress, []);
});

Deno.test("a job without a trace gets one, the same for all who ask", () => {
  const { attempt, services } = stage();
  assert.equal(services.traceparent(attempt.job), attempt.traceparent);
  assert.equal(services.traceparent(attempt.job), attempt.traceparent);
});
