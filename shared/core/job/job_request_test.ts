import assert from "node:assert/strict";
import * as z from "zod";
import { parseEnqueueBody } from "./job_request.ts";
import { defineJob, indexDefinitions } from "./job_type.ts";
import { checkJob } from "./payload.ts";

const TENANT = "11111111-1111-1111-1111-111111111111";

Deno.test("one job is read with its options and its tenant apart", () => {
  const body = { type: "a.b", payload: { x: 1 }, tenant_id: TENANT, priority: -5 };
  assert.deepEqual(parseEnqueueBody(body), {
    kind: "one",
    tenantId: TENANT,
    job: { type: "a.b", payload: { x: 1 }, priority: -5 },
  });
});

Deno.test("a batch is read as it came", () => {
  const parsed = parseEnqueueBody({ jobs: [{ type: "a" }, { type: "b", queue: "slow" }] });
  assert.deepEqual(parsed, {
    kind: "many",
    tenantId: undefined,
    jobs: [{ type: "a" }, { type: "b", queue: "slow" }],
  });
});

const BAD: [string, unknown][] = [
  ["null", null],
  ["an array", []],
  ["a text", "job"],
  ["no type", {}],
  ["an unknown member", { type: "a", status: "succeeded" }],
  ["a priority of 101", { type: "a", priority: 101 }],
  ["a fractional priority", { type: "a", priority: 0.5 }],
  ["a tenant that is no uuid", { type: "a", tenant_id: "acme" }],
  ["a run_at without a zone", { type: "a", run_at: "2026-11-22T10:00:00" }],
  ["an infinite run_at", { type: "a", run_at: "infinity" }],
  ["no attempts", { type: "a", max_attempts: 0 }],
  ["a timeout of 99 ms", { type: "a", timeout_ms: 99 }],
  ["an empty batch", { jobs: [] }],
  ["1 001 jobs", { jobs: Array.from({ length: 1_001 }, () => ({ type: "a" })) }],
  ["a tenant per job", { jobs: [{ type: "a", tenant_id: TENANT }] }],
  ["a job beside a batch", { type: "a", jobs: [{ type: "a" }] }],
];

for (const [what, body] of BAD) {
  Deno.test(`a body with ${what} is refused`, () => {
    assert.throws(() => parseEnqueueBody(body), { code: "invalid_argument" });
  });
}

const definitions = indexDefinitions([
  defineJob({ type: "mail.send", payload: z.strictObject({ to: z.string() }) }),
]);

Deno.test("a job of an unknown type is refused, also when it is called constructor", () => {
  for (const type of ["mail.sent", "constructor", "__proto__"]) {
    assert.throws(() => checkJob(definitions, { type }), { code: "unknown_type" });
  }
});

Deno.test("a payload that does not fit names its place in the batch", () => {
  const job = { type: "mail.send", payload: { to: 1 } };
  assert.throws(() => checkJob(definitions, job, 3), {
    code: "invalid_payload",
    message: "jobs.3: the payload does not fit: to must be a string, not a number (invalid_type)",
  });
});

Deno.test("a payload left out counts as the empty object", () => {
  assert.throws(() => checkJob(definitions, { type: "mail.send" }), { code: "invalid_payload" });
});
