import assert from "node:assert/strict";
import { byteLength } from "../encoding/json.ts";
import { PermanentError, PostponeError, RetryError } from "./handler.ts";
import { MAX_RESULT_BYTES, outcomeOfResult, outcomeOfThrown } from "./outcome.ts";

Deno.test("a handler that returns nothing leaves no result", () => {
  assert.deepEqual(outcomeOfResult(undefined), { outcome: "succeeded" });
});

Deno.test("a result is kept, null included", () => {
  const kept = { outcome: "succeeded", result: { a: 1 }, result_length: 7 };
  assert.deepEqual(outcomeOfResult({ a: 1 }), kept);
  assert.equal(outcomeOfResult(null).result, null);
});

Deno.test("a result beyond 256 KiB fails for good", () => {
  const outcome = outcomeOfResult("x".repeat(MAX_RESULT_BYTES));
  assert.equal(outcome.outcome, "failed");
  assert.equal(outcome.error?.code, "result_too_large");
});

Deno.test("a result that is not JSON fails for good", () => {
  const outcome = outcomeOfResult({ big: 1n });
  assert.equal(outcome.outcome, "failed");
  assert.equal(outcome.error?.code, "invalid_result");
});

Deno.test("PermanentError never retries", () => {
  assert.deepEqual(outcomeOfThrown(new PermanentError("gone", { code: "no_such_customer" })), {
    outcome: "failed",
    error: { code: "no_such_customer", message: "gone" },
  });
});

Deno.test("RetryError sets the delay of the next attempt", () => {
  assert.deepEqual(outcomeOfThrown(new RetryError("busy", { afterMs: 1_500.4, code: "busy" })), {
    outcome: "errored",
    error: { code: "busy", message: "busy" },
    retry_after_ms: 1_500,
  });
});

Deno.test("PostponeError hands the job back and sets when it is due", () => {
  const thrown = new PostponeError("the host is busy", { afterMs: 2_000.6, code: "host_closed" });
  assert.deepEqual(outcomeOfThrown(thrown), {
    outcome: "released",
    error: { code: "host_closed", message: "the host is busy" },
    retry_after_ms: 2_001,
  });
  const plain = outcomeOfThrown(new PostponeError("", { afterMs: 366 * 86_400_000 }));
  assert.deepEqual([plain.error?.code, plain.retry_after_ms], ["postponed", 31_622_400_000]);
});

Deno.test("every error of a handler takes a message and options, and stores no cause", () => {
  const cause = new Error("apikey=planted");
  const options = { code: "refused", afterMs: 1, cause };
  for (const Thrown of [PermanentError, RetryError, PostponeError]) {
    const thrown = new Thrown("no", options);
    assert.deepEqual([thrown.name, thrown.message, thrown.cause], [Thrown.name, "no", cause]);
    assert.deepEqual(outcomeOfThrown(thrown).error, { code: "refused", message: "no" });
  }
});

Deno.test("an error of a handler without a code has its kind's", () => {
  const thrown = [
    new PermanentError(""),
    new RetryError(""),
    new PostponeError("", { afterMs: 1 }),
  ];
  assert.deepEqual(thrown.map(({ code }) => code), ["permanent_error", "retry", "postponed"]);
});

Deno.test("a delay that is no number from 0 to 366 days is an error that names it", () => {
  for (const afterMs of [-1, NaN, Infinity, 31_622_400_001, "soon" as unknown as number]) {
    const expected = new RegExp(`from 0 to 31622400000, not ${afterMs}`);
    for (const Thrown of [RetryError, PostponeError]) {
      assert.throws(() => new Thrown("", { afterMs }), { name: "RangeError", message: expected });
    }
  }
  assert.throws(() => new PostponeError("", {} as { afterMs: number }), RangeError);
  assert.equal(outcomeOfThrown(new RetryError("")).retry_after_ms, undefined);
});

Deno.test("any other error retries with its message and without its stack", () => {
  const outcome = outcomeOfThrown(new TypeError("x is not a function"));
  assert.deepEqual(outcome, {
    outcome: "errored",
    error: { code: "handler_error", message: "TypeError: x is not a function" },
  });
});

Deno.test("a message is cleaned and capped at 4 KiB", () => {
  const { error } = outcomeOfThrown(new Error("\0\ud800" + "ä".repeat(10_000)));
  assert.ok(byteLength(error!.message) <= 4_096);
  assert.doesNotMatch(error!.message, /\0/);
  assert.ok(error!.message.isWellFormed());
});

Deno.test("a code that is not snake_case is replaced", () => {
  assert.equal(
    outcomeOfThrown(new PermanentError("", { code: "Bad Code!" })).error?.code,
    "permanent_error",
  );
});

Deno.test("every thrown value becomes an outcome", () => {
  const hostile = Object.defineProperty(new Error(), "message", {
    get() {
      throw new Error("no");
    },
  });
  for (const thrown of [hostile, null, undefined, 7, "text", { a: 1 }, Symbol("s")]) {
    assert.equal(outcomeOfThrown(thrown).outcome, "errored");
  }
});
