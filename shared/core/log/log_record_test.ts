import assert from "node:assert/strict";
import { type LogFields, logRecord } from "./log_record.ts";

const AT = "2026-11-22T00:00:00.000Z";
const TENANT = "11111111-1111-4111-8111-111111111111";

function record(fields: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(logRecord("info", "test_event", fields as LogFields, AT));
}

Deno.test("a line is one JSON object with time, level and event", () => {
  assert.deepEqual(record({ run_id: 7, tenant_id: TENANT }), {
    timestamp: AT,
    level: "info",
    event: "test_event",
    run_id: 7,
    tenant_id: TENANT,
  });
});

Deno.test("fields that are not listed cannot get in", () => {
  const fields = { payload: "planted", authorization: "planted", constructor: "planted" };
  assert.doesNotMatch(JSON.stringify(record(fields)), /planted/);
});

// Built at run time, so that no scanner mistakes them for real ones.
const SECRETS = {
  "a secret key": ["sb", "secret", "abcdefghijklmnop"].join("_"),
  "a signing secret": ["whsec", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"].join("_"),
  "a token": ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxIn0", "abcdef"].join("."),
};

for (const [what, secret] of Object.entries(SECRETS)) {
  Deno.test(`${what} is kept out of every field`, () => {
    for (const field of ["code", "type", "tenant_id", "trace_id", "reason", "message"]) {
      const line = JSON.stringify(record({ [field]: secret }));
      assert.ok(!line.includes(secret), `${field}: ${line}`);
    }
    assert.ok(!JSON.stringify(record({ message: `failed with ${secret}!` })).includes(secret));
  });
}

Deno.test("line breaks are escaped and messages are cut", () => {
  const line = logRecord("warn", "x", { message: `a\r\nb${"c".repeat(1_000)}` }, AT);
  assert.equal(line.split(/[\r\n]/).length, 1);
  assert.ok(line.length < 500);
});

Deno.test("values of handlers are numbers and booleans only", () => {
  const values = { rows: 3, done: true, text: "planted", big: 1n, none: NaN, deep: { a: 1 } };
  const refused = "[refused]";
  assert.deepEqual(record({ values }).values, {
    ...{ rows: 3, done: true },
    ...{ text: refused, big: refused, none: refused, deep: refused },
  });
  assert.equal(record({ values: "planted" }).values, refused);
  assert.deepEqual(record({ values: { "rows read": 3 } }).values, { [refused]: 3 });
});

Deno.test("what cannot be read is refused and breaks no line", () => {
  const throwing = () => {
    throw new Error("planted");
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const members = Object.defineProperty({}, "a", { enumerable: true, get: throwing });
  for (const values of [proxy, members, new Proxy({}, { ownKeys: throwing })]) {
    assert.equal(record({ values }).values, "[refused]");
  }
  for (const message of [proxy, { toString: throwing }, Object.create(null)]) {
    assert.equal(record({ message }).message, "[refused]");
  }
});
