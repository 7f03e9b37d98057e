import assert from "node:assert/strict";
import { byteLength } from "../encoding/json.ts";
import { PermanentError, PostponeError, RetryError } from "./handler.ts";
import { describeThrown, MAX_RESULT_BYTES, outcomeOfResult, outcomeOfThrown } from "./outcome.ts";

Deno.test("a handler that returns nothing leaves no result", () => {
  assert.deepEqual(outcomeOfResult(undefined), { outcome: "succeeded" });
});

Deno.test("a result is kept, null included", () => {
  const { outcome, result } = outcomeOfResult({ a: 1 });
  assert.deepEqual([outcome, result?.text, result?.bytes], ["succeeded", '{"a":1}', 7]);
  assert.equal(outcomeOfResult(null).result?.text, "null");
});

Deno.test("a result beyond 256 KiB fails for good", () => {
  const outcome = outcomeOfResult("x".repeat(MAX_RESULT_BYTES));
  assert.equal(outcome.outcome, "failed");
  assert.equal(outcome.error?.code, "result_too_large");
});

Deno.test("a result that would be stored as another one fails for good, with its place", () => {
  const refused: [unknown, RegExp][] = [
    [{ lines: [{ rate: NaN }] }, /lines\.0\.rate is NaN or infinite/],
    [{ text: "a\0" }, /text has a NUL/],
    [() => 1, /\(root\) is no JSON/],
  ];
  for (const [result, message] of refused) {
    const { error, outcome } = outcomeOfResult(result);
    assert.deepEqual([outcome, error?.code], ["failed", "invalid_result"]);
    assert.match(error!.message, message);
  }
});

Deno.test("a BigInt in a result is an integer", () => {
  assert.equal(outcomeOfResult({ id: 2n ** 60n }).result?.text, '{"id":1152921504606846976}');
});

Deno.test("a result that is nested too deep fails for good", () => {
  const outcome = outcomeOfResult(JSON.parse("[".repeat(10_000) + "]".repeat(10_000)));
  assert.equal(outcome.outcome, "failed");
  assert.equal(outcome.error?.code, "result_too_deep");
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

Deno.test("an error of another copy of JobForge, as a bundled handler throws it, is the same", async () => {
  const copy: typeof import("./handler.ts") = await import(`./handler.ts?${crypto.randomUUID()}`);
  assert.ok(!(new copy.RetryError("busy") instanceof RetryError));
  const outcomes = [
    new copy.PermanentError("gone"),
    new copy.RetryError("busy", { afterMs: 5 }),
    new copy.PostponeError("later", { afterMs: 5 }),
    new (class OwnError extends copy.PermanentError {})("own"),
  ].map(outcomeOfThrown);
  assert.deepEqual(outcomes.map(({ outcome }) => outcome), [
    ...["failed", "errored", "released", "failed"],
  ]);
  assert.equal(outcomes[1]!.retry_after_ms, 5);
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

const throwing = () => {
  throw new Error("planted");
};

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function withGetters(error: Error): Error {
  for (const name of ["message", "name", "code", "afterMs", "stack", "cause"]) {
    Object.defineProperty(error, name, { get: throwing });
  }
  return error;
}

const THROWN: Record<string, unknown> = {
  "null": null,
  "undefined": undefined,
  "a number": 7,
  "a BigInt": 7n,
  "a text": "text",
  "an object": { a: 1 },
  "a symbol": Symbol("s"),
  "a revoked Proxy": revoked({}),
  "a revoked Proxy of an error": revoked(new RetryError("")),
  "a function": () => 1,
  "an object whose members throw": { toString: throwing, [Symbol.toPrimitive]: throwing },
  "an error whose members throw": withGetters(new Error()),
  "a PermanentError whose members throw": withGetters(new PermanentError("")),
  "a RetryError whose members throw": withGetters(new RetryError("")),
  "a PostponeError whose members throw": withGetters(new PostponeError("", { afterMs: 1 })),
  "an error with a message that is no text": Object.assign(new Error(), { message: Symbol("s") }),
  "an error whose prototype is a revoked Proxy": Object.setPrototypeOf({}, revoked({}) as object),
  "an error that has itself as its cause": (() => {
    const error = new Error("again");
    return Object.assign(error, { cause: error });
  })(),
};

for (const [what, thrown] of Object.entries(THROWN)) {
  Deno.test(`${what}, thrown, becomes an outcome that can be sent`, () => {
    const { outcome, error } = outcomeOfThrown(thrown);
    assert.equal(outcome, "errored");
    assert.match(error!.code, /^[a-z_]+$/);
    assert.equal(typeof error!.message, "string");
    assert.equal(typeof describeThrown(thrown), "string");
  });
}

Deno.test("a secret is blanked wherever a long message is cut", () => {
  const secret = "c4n4ry".repeat(3_000);
  for (const text of [`"password": "${secret}"`, `password='${secret}'`, `token=${secret}`]) {
    const { error } = outcomeOfThrown(new Error(`the call failed: ${text}`));
    assert.doesNotMatch(error!.message, /c4n4ry/);
  }
});
