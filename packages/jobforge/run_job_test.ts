import assert from "node:assert/strict";
import * as z from "zod";
import { defineJob, handle, PermanentError, PostponeError, RetryError } from "./index.ts";
import { runJob } from "./testing.ts";

const count = defineJob({
  type: "words.count",
  payload: z.object({ text: z.string(), unit: z.string().default("words") }),
  result: z.object({ words: z.int() }),
  timeoutMs: 100,
});

Deno.test("a handler runs with a checked payload, and reports what it did", async () => {
  const handler = handle(count, ({ text, unit }, ctx) => {
    ctx.progress({ unit });
    ctx.log("counted", { attempt: ctx.attempt });
    return { words: text.split(" ").length };
  });
  const run = await runJob(handler, { text: "to be", left: undefined }, { attempt: 2 });
  assert.deepEqual(run, {
    ...{ outcome: "succeeded", result: { words: 2 }, error: undefined, retryAfterMs: undefined },
    ...{ progress: [{ unit: "words" }], logs: [{ message: "counted", fields: { attempt: 2 } }] },
    thrown: undefined,
  });
});

Deno.test("a payload that does not fit never reaches the handler", async () => {
  let calls = 0;
  const handler = handle(count, () => ({ words: ++calls }));
  const { outcome, error } = await runJob(handler, { text: 1 });
  assert.deepEqual([outcome, error?.code, calls], ["failed", "invalid_payload", 0]);
});

Deno.test("a result that does not fit fails", async () => {
  const { outcome, error } = await runJob(handle(count, () => ({ words: 1.5 })), { text: "a" });
  assert.deepEqual([outcome, error?.code], ["failed", "invalid_result"]);
});

const THROWN: [string, Error, string, number | undefined][] = [
  ["an error", new Error("no"), "errored", undefined],
  ["RetryError", new RetryError("later", { afterMs: 5 }), "errored", 5],
  ["PermanentError", new PermanentError("never"), "failed", undefined],
  ["PostponeError", new PostponeError("not yet", { afterMs: 7 }), "released", 7],
];

for (const [what, thrown, outcome, retryAfterMs] of THROWN) {
  Deno.test(`${what} becomes ${outcome}`, async () => {
    const run = await runJob(handle(count, () => Promise.reject(thrown)), { text: "a" });
    assert.deepEqual([run.outcome, run.retryAfterMs, run.thrown], [outcome, retryAfterMs, thrown]);
  });
}

Deno.test("the timeout of the job type aborts the signal", async () => {
  const handler = handle(
    count,
    (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  const { outcome, thrown } = await runJob(handler, { text: "a" });
  assert.deepEqual([outcome, (thrown as Error).name], ["timed_out", "TimeoutError"]);
});
