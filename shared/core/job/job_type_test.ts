import assert from "node:assert/strict";
import * as z from "zod";
import { defineJob, indexDefinitions, type PayloadInput, type ResultOf } from "./job_type.ts";
import { handle, indexHandlers } from "./handler.ts";
import { checkPayload, describeIssues } from "./payload.ts";

const send = defineJob({
  type: "invoice.send",
  payload: z.strictObject({ to: z.string(), copies: z.int().default(1) }),
  result: z.object({ sent: z.boolean() }),
});

Deno.test("a declaration has defaults for omitted options", () => {
  assert.equal(send.timeoutMs, 60_000);
  assert.equal(send.maxAttempts, 5);
  assert.deepEqual(send.backoff, { baseMs: 2_000, capMs: 3_600_000 });
});

Deno.test("types of payload and result follow from the declaration", () => {
  const payload: PayloadInput<typeof send> = { to: "a" };
  const result: ResultOf<typeof send> = { sent: true };
  // @ts-expect-error: `to` is missing
  const wrong: PayloadInput<typeof send> = {};
  assert.ok(payload && result && wrong);
});

const BAD: [string, Parameters<typeof defineJob>[0]][] = [
  ["a name that begins with a digit", { type: "1.invoice" }],
  ["an empty name", { type: "" }],
  ["a name of 129 characters", { type: "a".repeat(129) }],
  ["a timeout below 100 ms", { type: "a", timeoutMs: 99 }],
  ["no attempts", { type: "a", maxAttempts: 0 }],
  ["half an attempt", { type: "a", maxAttempts: 1.5 }],
  ["a cap below the base", { type: "a", backoff: { baseMs: 10, capMs: 5 } }],
  ["an unknown kind of worker", { type: "a", runsOn: "moon" as "edge" }],
];

for (const [what, options] of BAD) {
  Deno.test(`a declaration with ${what} is refused`, () => {
    assert.throws(() => defineJob(options), RangeError);
  });
}

Deno.test("two declarations or handlers of one name are refused", () => {
  const handler = handle(send, () => ({ sent: true }));
  assert.throws(() => indexDefinitions([send, send]), RangeError);
  assert.throws(() => indexHandlers([handler, handler]), RangeError);
});

Deno.test("a payload is checked and gets its defaults", () => {
  assert.deepEqual(checkPayload(send, { to: "a" }), { ok: true, payload: { to: "a", copies: 1 } });
});

Deno.test("issues name paths and rules but never values", () => {
  const check = checkPayload(send, { to: ["planted"], copies: "planted", extra: "planted" });
  assert.ok(!check.ok);
  const text = describeIssues(check.issues);
  assert.match(text, /to must be a string, not an array \(invalid_type\)/);
  assert.match(text, /copies must be a number, not a string \(invalid_type\)/);
  assert.doesNotMatch(text, /planted/);
});

Deno.test("a declaration without a schema takes anything", () => {
  const any = defineJob({ type: "any" });
  assert.deepEqual(checkPayload(any, [1]), { ok: true, payload: [1] });
});

/** Returns what is printed as warnings meanwhile. */
function warningsOf(define: () => void): string[] {
  const { warn } = console;
  const lines: string[] = [];
  console.warn = (line: string) => void lines.push(line);
  try {
    define();
  } finally {
    console.warn = warn;
  }
  return lines;
}

Deno.test("a timeout that no Edge Function can keep is warned of, with the variable", () => {
  const [line, ...more] = warningsOf(() => defineJob({ type: "long.job", timeoutMs: 3_600_000 }));
  assert.deepEqual(more, []);
  assert.match(line!, /^long\.job: timeoutMs is 3600000, .* at most 355000 ms/);
  assert.match(line!, /JOBFORGE_WALL_CLOCK_MS=400000 .* default 150000 allows 130000 ms/);
});

Deno.test("a timeout that a plan allows is no reason for a warning", () => {
  for (const timeoutMs of [100, 60_000, 130_000, 355_000]) {
    assert.deepEqual(warningsOf(() => defineJob({ type: "a", timeoutMs })), []);
  }
  assert.equal(warningsOf(() => defineJob({ type: "a", timeoutMs: 355_001 })).length, 1);
});

Deno.test("a timeout that no Edge Function keeps is warned of, unless the type runs in containers", () => {
  const warnings: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => void warnings.push(text);
  try {
    const day = 86_400_000;
    assert.equal(defineJob({ type: "a", timeoutMs: day, runsOn: "container" }).runsOn, "container");
    assert.equal(warnings.length, 0);
    defineJob({ type: "b", timeoutMs: day, runsOn: "edge" });
    defineJob({ type: "c", timeoutMs: day });
  } finally {
    console.warn = warn;
  }
  assert.deepEqual(warnings.map((text) => text.slice(0, 2)), ["b:", "c:"]);
  assert.match(warnings[1]!, /or set runsOn: "container"/);
});
