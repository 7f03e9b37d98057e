import assert from "node:assert/strict";
import { fromRpcFailure, type RpcFailure } from "./rpc_error.ts";

Deno.test("a stable code in details decides, with the message of the database", () => {
  const failure = { code: "PT429", details: "queue_full", message: "queue default is full" };
  const error = fromRpcFailure(failure, 429, { retryAfterSeconds: 7 });
  assert.equal(error.code, "queue_full");
  assert.equal(error.message, "queue default is full");
  assert.equal(error.extras.retryAfterSeconds, 7);
});

Deno.test("a full queue reports its limit, the remaining jobs and a Retry-After", () => {
  const hint = '{"limit" : 10, "remaining" : 2, "retry_after" : 30, "held" : 4}';
  const failure = { code: "PT429", details: "queue_full", message: "full", hint };
  const { extras } = fromRpcFailure(failure, 429, { retryAfterSeconds: 7 });
  assert.deepEqual(extras, { quota: { limit: 10, remaining: 2 }, retryAfterSeconds: 30 });
});

Deno.test("a foreign hint is ignored", () => {
  for (const hint of ["Perhaps you meant", '{"limit": -1}', null]) {
    const failure = { code: "PT429", details: "queue_full", message: "full", hint };
    assert.deepEqual(fromRpcFailure(failure, 429).extras, {});
  }
});

Deno.test("a PT SQLSTATE decides when details got lost", () => {
  assert.equal(fromRpcFailure({ code: "PT410", message: "over" }, 410).code, "run_ended");
});

Deno.test("foreign messages never pass", () => {
  const failure = {
    code: "23514",
    message: 'new row for relation "jobforge_jobs" violates check constraint',
    details: "Failing row contains (secret)",
  };
  const error = fromRpcFailure(failure, 400);
  assert.equal(error.code, "invalid_argument");
  assert.doesNotMatch(error.message, /relation|row|secret/);
});

const CREDENTIALS: [RpcFailure, RegExp][] = [
  [{ code: "PGRST303", message: "JWT expired" }, /expired: refresh the session/],
  [{ code: "PGRST301", message: "JWT expired" }, /expired: refresh the session/],
  [{ code: "PGRST301", message: "No suitable key or wrong key type" }, /of this very project/],
  [{ code: "PGRST303", message: "JWT not in audience" }, /of this very project/],
  [{ message: "Invalid API key" }, /does not know the API key/],
  [{ message: "secret" }, /did not accept this credential$/],
];

for (const [failure, words] of CREDENTIALS) {
  Deno.test(`a credential is refused for its reason: ${JSON.stringify(failure)}`, () => {
    const { code, message } = fromRpcFailure(failure, 401);
    assert.equal(code, "unauthenticated");
    assert.match(message, words);
  });
}

Deno.test("a member of every object is not a code", () => {
  const failure = { code: "XX000", details: "constructor", message: "secret" };
  const error = fromRpcFailure(failure, 500);
  assert.equal(error.code, "internal");
  assert.doesNotMatch(error.message, /secret/);
});

const FOREIGN: [string, number, string][] = [
  ["42501", 403, "forbidden"],
  ["42501", 401, "unauthenticated"],
  ["PGRST301", 401, "unauthenticated"],
  ["PGRST202", 404, "unavailable"],
  ["", 200, "unavailable"],
  ["PGRST000", 503, "unavailable"],
  ["40P01", 500, "unavailable"],
  ["40001", 500, "unavailable"],
  ["57014", 500, "unavailable"],
  ["53300", 500, "unavailable"],
  ["08006", 503, "unavailable"],
  ["25006", 405, "unavailable"],
  ["54001", 500, "payload_too_large"],
  ["", 413, "payload_too_large"],
  ["22P02", 400, "invalid_argument"],
  ["22P05", 400, "invalid_argument"],
  ["XX000", 500, "internal"],
  ["", 0, "unavailable"],
  ["", 429, "unavailable"],
  ["", 502, "unavailable"],
  ["", 504, "unavailable"],
];

for (const [sqlstate, status, code] of FOREIGN) {
  Deno.test(`SQLSTATE "${sqlstate}" with HTTP ${status} is ${code}`, () => {
    assert.equal(fromRpcFailure({ code: sqlstate, message: "m" }, status).code, code);
  });
}
