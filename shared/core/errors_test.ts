import assert from "node:assert/strict";
import { codeOfSqlState, type ErrorCode, ERRORS, isErrorCode, JobForgeError } from "./errors.ts";
import { TITLES } from "./http/titles.ts";

Deno.test("every code has a status of its own class and a title", () => {
  for (const [code, { status }] of Object.entries(ERRORS)) {
    assert.match(code, /^[a-z_]+$/);
    assert.ok(status >= 400 && status <= 599);
    assert.ok(TITLES[code as ErrorCode].length > 0);
  }
});

Deno.test("the SQLSTATEs of the database lead to their codes and statuses", () => {
  const contract: Record<string, [ErrorCode, number]> = {
    PT400: ["invalid_argument", 400],
    "42501": ["forbidden", 403],
    PT404: ["not_found", 404],
    PT409: ["wrong_state", 409],
    PT413: ["payload_too_large", 413],
    PT422: ["idempotency_mismatch", 422],
    PT429: ["queue_full", 429],
    PT401: ["ticket_refused", 401],
    PT410: ["run_ended", 410],
  };
  for (const [sqlstate, [code, status]] of Object.entries(contract)) {
    assert.equal(codeOfSqlState(sqlstate), code);
    assert.equal(new JobForgeError(code, "").status, status);
  }
});

Deno.test("a name of Object.prototype is not a code", () => {
  assert.equal(isErrorCode("constructor"), false);
  assert.equal(isErrorCode(undefined), false);
  assert.equal(isErrorCode("queue_full"), true);
});
