import assert from "node:assert/strict";
import { JsonText } from "../core/encoding/json.ts";
import { JobForgeError } from "../core/errors.ts";
import { RunCalls } from "./calls.ts";
import { FakeWorld, jobs } from "./fake_world.ts";
import { Outbox } from "./outbox.ts";
import { ReplyTooLargeError } from "./ports.ts";
import { newReport } from "./run_report.ts";

const unavailable = () => new JobForgeError("unavailable", "down");

/** The calls of a run whose outbox has so many outcomes. */
function stage(outcomes: number) {
  const { clock, queue } = new FakeWorld([]);
  const outbox = new Outbox();
  for (const job of jobs(outcomes, "a")) outbox.addOutcome(job, { outcome: "released" }, 0);
  const deps = { queue, outbox, clock, random: () => 1, report: newReport(1) };
  const calls = new RunCalls(1, deps, Infinity);
  const sizes = () => queue.calls.map(({ outcomes }) => outcomes.length);
  return { calls, clock, outbox, queue, sizes };
}

Deno.test("only a failed call that claims may have leased jobs", async () => {
  const { calls, queue } = stage(1);
  queue.failures = [unavailable(), unavailable()];
  await calls.report(0, 0);
  assert.equal(calls.claimLost, false);
  await calls.report(1, 1);
  assert.equal(calls.claimLost, true);
});

Deno.test("a report that fails is halved, and one that works lets the next one double", async () => {
  const { calls, queue, sizes } = stage(16);
  queue.failures = [unavailable(), unavailable()];
  for (let call = 0; call < 5; call++) await calls.report(0, 0);
  assert.deepEqual(sizes(), [16, 8, 4, 8, 4]);
});

Deno.test("a failed claim without outcomes makes later reports small, and not for good", async () => {
  const { calls, outbox, queue, sizes } = stage(0);
  queue.failures = [unavailable()];
  await calls.report(1, 1);
  for (const job of jobs(15, "a")) outbox.addOutcome(job, { outcome: "released" }, 0);
  for (let call = 0; call < 4; call++) await calls.report(0, 0);
  assert.deepEqual(sizes(), [0, 1, 2, 4, 8]);
});

Deno.test("progress of a failed call goes with the next one, unless there is newer", async () => {
  const { calls, outbox, queue } = stage(0);
  queue.failures = [unavailable(), unavailable()];
  outbox.setProgress("a", new JsonText("1"));
  outbox.setProgress("b", new JsonText("1"));
  await calls.report(0, 0);
  outbox.setProgress("b", new JsonText("2"));
  await calls.heartbeat();
  const left = outbox.takeProgress().map(({ id, progress }) => [id, progress.text]);
  assert.deepEqual(left.sort(), [["a", "1"], ["b", "2"]]);
});

Deno.test("progress that the database rejects costs no heartbeat, and is dropped", async () => {
  const { calls, outbox, queue } = stage(0);
  queue.failures = [new JobForgeError("internal", "a trigger raises")];
  outbox.setProgress("a", new JsonText("1"));
  assert.deepEqual(await calls.heartbeat(), [], "the leases are extended");
  assert.equal(outbox.hasProgress, false);
  queue.failures = [new JobForgeError("internal", "not about progress")];
  assert.equal(await calls.heartbeat(), undefined);
});

Deno.test("the end of a run is reported once more when its call fails", async () => {
  const { calls, clock, queue } = stage(0);
  queue.failures = [unavailable()];
  const done = calls.finish("drained", 0);
  await clock.advance(5_000);
  await done;
  assert.equal(queue.named("finish").length, 2);
});

Deno.test("a run that is stopped does not get more time than it had", () => {
  const { calls } = stage(0);
  calls.endsAt = 100;
  calls.stop(5_000);
  assert.equal(calls.endsAt, 100);
});

Deno.test("a reply is too large only until the next failure of another kind", async () => {
  const { calls, queue } = stage(0);
  queue.failures = [new ReplyTooLargeError(1), unavailable()];
  await calls.report(1, 1);
  assert.equal(calls.replyTooLarge, true);
  await calls.report(1, 1);
  assert.equal(calls.replyTooLarge, false);
});
