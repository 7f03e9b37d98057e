import assert from "node:assert/strict";
import { JsonText } from "../core/encoding/json.ts";
import { errored } from "../core/job/outcome.ts";
import { reportBody } from "../adapters/data_api/report_body.ts";
import { jobs } from "./fake_world.ts";
import { MAX_REPORT_BYTES, Outbox } from "./outbox.ts";

const MEBIBYTE = 1024 * 1024;

/** An outbox with one outcome for each result of so many bytes. */
function filled(lengths: number[]): Outbox {
  const outbox = new Outbox();
  jobs(lengths.length, "a").forEach((job, index) => {
    const result = new JsonText(JSON.stringify("x".repeat(lengths[index]!)));
    outbox.addOutcome(job, { outcome: "succeeded", result }, index);
  });
  return outbox;
}

Deno.test("a report carries at most 4 MiB, and always one outcome", () => {
  const outbox = filled([3 * MEBIBYTE, 2 * MEBIBYTE, 9 * MEBIBYTE, 10]);
  assert.ok(outbox.outcomeBytes > 14 * MEBIBYTE);
  const counts = [1, 2, 3, 4].map(() => outbox.takeOutcomes(0).length);
  assert.deepEqual(counts, [1, 1, 1, 1]);
  assert.equal(outbox.outcomeBytes, 0);
});

Deno.test("the bytes of a report are those of the request, however much JSON escapes", () => {
  const outbox = new Outbox();
  for (const job of jobs(1_000, "a")) {
    outbox.addOutcome(job, errored("handler_error", "\u0001".repeat(4_096)), 0);
  }
  const outcomes = outbox.takeOutcomes(0).map(({ outcome }) => outcome);
  const body = reportBody(1, { outcomes, progress: [], limit: 1, maxBytes: 1 });
  assert.ok(body.length <= MAX_REPORT_BYTES + 200);
  assert.ok(body.length > MAX_REPORT_BYTES * 0.9);
});

Deno.test("a report carries at most 1 000 outcomes, or as many as it is given", () => {
  const outbox = filled(Array(1_500).fill(0));
  assert.equal(outbox.takeOutcomes(0, 10).length, 10);
  assert.deepEqual([outbox.takeOutcomes(0).length, outbox.takeOutcomes(0).length], [1_000, 490]);
});

Deno.test("outcomes that come back stay first, and one that came back alone goes last", () => {
  const outbox = filled([1, 2]);
  const [first, second] = outbox.jobIds();
  const bytes = outbox.outcomeBytes;
  const taken = outbox.takeOutcomes(0);
  const [later] = jobs(1, "a");
  outbox.addOutcome(later!, { outcome: "released" }, 5);
  outbox.returnOutcomes(taken, 7);
  assert.deepEqual(outbox.jobIds(), [first, second, later!.id]);
  assert.ok(outbox.outcomeBytes > bytes);
  assert.equal(outbox.firstOutcomeAt, 7);
  outbox.returnOutcomes(outbox.takeOutcomes(0, 1), 9);
  assert.deepEqual(outbox.jobIds(), [second, later!.id, first]);
  outbox.takeOutcomes(0);
  assert.equal(outbox.outcomeBytes, 0);
});

Deno.test("outcomes that could not be recorded are repeated with the next report", () => {
  const outbox = filled([1]);
  const kept = outbox.takeOutcomes(0);
  outbox.keepOutcomes(kept, [], 1_000);
  assert.deepEqual([outbox.outcomeCount, outbox.isEmpty, outbox.repeatAt], [0, false, 1_250]);
  const [fresh] = jobs(1, "a");
  outbox.addOutcome(fresh!, { outcome: "released" }, 1_100);
  const both = outbox.takeOutcomes(0);
  assert.deepEqual(both.map(({ outcome }) => outcome.id), [kept[0]!.outcome.id, fresh!.id]);
  assert.deepEqual([outbox.isEmpty, outbox.repeatAt, outbox.outcomeBytes], [true, Infinity, 0]);
  const delays = Array.from({ length: 7 }, () => {
    outbox.takeOutcomes(0);
    outbox.keepOutcomes(kept, [], 0);
    return outbox.repeatAt;
  });
  assert.deepEqual(delays, [500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  outbox.takeOutcomes(0);
  outbox.keepOutcomes([], [], 0);
  outbox.keepOutcomes(kept, [], 0);
  assert.equal(outbox.repeatAt, 250, "the delay begins anew once nothing is left");
});

Deno.test("outcomes that could not be sent wait until their delay is over", () => {
  const outbox = filled([1, 2]);
  const [first, second] = outbox.takeOutcomes(0);
  outbox.keepOutcomes([second!], [first!], 1_000);
  assert.deepEqual(outbox.takeOutcomes(1_249), [second]);
  assert.deepEqual([outbox.isEmpty, outbox.repeatAt], [false, 1_250]);
  assert.deepEqual(outbox.takeOutcomes(1_250), [first]);
  assert.deepEqual([outbox.isEmpty, outbox.repeatAt, outbox.outcomeBytes], [true, Infinity, 0]);
});

Deno.test("the last progress of a job wins, and is taken once", () => {
  const outbox = new Outbox();
  outbox.setProgress("a", new JsonText("1"));
  outbox.setProgress("a", new JsonText("2"));
  assert.deepEqual(outbox.takeProgress(), [{ id: "a", progress: new JsonText("2") }]);
  assert.equal(outbox.hasProgress, false);
});
