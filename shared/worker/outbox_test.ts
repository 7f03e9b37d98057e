import assert from "node:assert/strict";
import { jobs } from "./fake_world.ts";
import { Outbox } from "./outbox.ts";

const MEBIBYTE = 1024 * 1024;

function filled(lengths: number[]): Outbox {
  const outbox = new Outbox();
  jobs(lengths.length, "a").forEach((job, index) =>
    outbox.addOutcome(job, { outcome: "succeeded", result_length: lengths[index]! }, index)
  );
  return outbox;
}

Deno.test("a report carries at most 4 Mi characters of results, and always one outcome", () => {
  const outbox = filled([3 * MEBIBYTE, 2 * MEBIBYTE, 9 * MEBIBYTE, 10]);
  assert.equal(outbox.resultLength, 14 * MEBIBYTE + 10);
  const counts = [1, 2, 3, 4].map(() => outbox.takeOutcomes().length);
  assert.deepEqual(counts, [1, 1, 1, 1]);
  assert.equal(outbox.resultLength, 0);
});

Deno.test("a report carries at most 1 000 outcomes", () => {
  const outbox = filled(Array(1_500).fill(0));
  assert.deepEqual([outbox.takeOutcomes().length, outbox.takeOutcomes().length], [1_000, 500]);
});

Deno.test("outcomes that come back stay first", () => {
  const outbox = filled([1, 2]);
  const [first] = outbox.jobIds();
  const taken = outbox.takeOutcomes();
  const [later] = jobs(1, "a");
  outbox.addOutcome(later!, { outcome: "released" }, 5);
  outbox.returnOutcomes(taken, 7);
  assert.deepEqual([outbox.jobIds()[0], outbox.jobIds()[2]], [first, later!.id]);
  assert.deepEqual([outbox.resultLength, outbox.firstOutcomeAt], [3, 7]);
});

Deno.test("a sent outcome has no internal member", () => {
  const [entry] = filled([12]).takeOutcomes();
  assert.deepEqual(Object.keys(entry!.outcome), ["tenant_id", "id", "lease_token", "outcome"]);
});

Deno.test("progress that cannot be stored is dropped, the rest is cleaned", () => {
  const outbox = new Outbox();
  outbox.setProgress("a", { done: 1n });
  outbox.setProgress("b", "x".repeat(5_000));
  outbox.setProgress("c", { at: "row\0 3" });
  assert.deepEqual(outbox.takeProgress(), [{ id: "c", progress: { at: "row\uFFFD 3" } }]);
  assert.equal(outbox.hasProgress, false);
});
