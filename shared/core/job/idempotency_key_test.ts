import assert from "node:assert/strict";
import { JobForgeError } from "../errors.ts";
import { agreeOnKey, parseIdempotencyKey } from "./idempotency_key.ts";

Deno.test("a key may be quoted or bare", () => {
  assert.equal(parseIdempotencyKey('"order-1"'), "order-1");
  assert.equal(parseIdempotencyKey("order-1"), "order-1");
  assert.equal(parseIdempotencyKey('"with \\"quotes\\" and \\\\"'), 'with "quotes" and \\');
  assert.equal(parseIdempotencyKey(null), undefined);
});

const BAD = {
  "is empty": "",
  "is an empty string": '""',
  "has an open quote": '"abc',
  "has another escape": '"a\\nb"',
  "has a control character": "a\tb",
  "is not ASCII": "schlüssel",
  "is too long": "x".repeat(201),
};

for (const [what, header] of Object.entries(BAD)) {
  Deno.test(`a key that ${what} is refused`, () => {
    assert.throws(() => parseIdempotencyKey(header), JobForgeError);
  });
}

Deno.test("header and body may name the same key, not different ones", () => {
  assert.equal(agreeOnKey("k", "k"), "k");
  assert.equal(agreeOnKey("k", undefined), "k");
  assert.equal(agreeOnKey(undefined, "k"), "k");
  assert.throws(() => agreeOnKey("k", "other"), { code: "invalid_argument" });
});
