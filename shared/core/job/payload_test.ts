import assert from "node:assert/strict";
import * as z from "zod";
import { parseJson } from "../encoding/exact_json.ts";
import { defineJob, indexDefinitions } from "./job_type.ts";
import { checkJob, checkPayload, describeIssues } from "./payload.ts";

const invoice = defineJob({
  type: "invoice.send",
  payload: z.object({ id: z.number(), lines: z.record(z.string(), z.unknown()).default({}) }),
});
const free = defineJob({ type: "free" });
const known = indexDefinitions([invoice, free]);

Deno.test("a number that no number holds has a rule of its own, and a hint", () => {
  for (const number of ["1970670598291982290", "0.12345678901234567890"]) {
    const check = checkPayload(invoice, parseJson(`{"id":${number}}`));
    assert.ok(!check.ok);
    assert.deepEqual(check.issues, [{ path: "id", rule: "inexact_number" }]);
    assert.match(describeIssues(check.issues), /^id \(inexact_number\): no JavaScript number/);
  }
});

Deno.test("a name that zod would drop is refused where a schema copies", () => {
  const payload = JSON.parse('{"id":1,"lines":{"__proto__":1}}');
  const issues = [{ path: "lines.__proto__", rule: "reserved_name" }];
  assert.deepEqual(checkPayload(invoice, payload), { ok: false, issues });
  assert.deepEqual(checkPayload(free, payload), { ok: true, payload });
  assert.throws(() => checkJob(known, { type: "free", payload }), {
    code: "invalid_payload",
    message: "the payload does not fit: lines.__proto__ (reserved_name): choose another name",
  });
});

Deno.test("an unknown type is refused with the types that there are", () => {
  assert.throws(() => checkJob(known, { type: "invoice.sent" }, 3), {
    code: "unknown_type",
    message: "jobs.3: unknown job type: there are invoice.send, free",
  });
});

Deno.test("the known types that begin as an unknown one come first", () => {
  const types = ["mail.send", "order.paid", "order.refund"].map((type) => defineJob({ type }));
  assert.throws(() => checkJob(indexDefinitions(types), { type: "order.refunds" }), {
    message: "unknown job type: there are order.refund, order.paid, mail.send",
  });
});
