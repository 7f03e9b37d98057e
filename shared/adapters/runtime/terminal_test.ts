import assert from "node:assert/strict";
import type { AttemptTag, ClaimedJob } from "../../worker/ports.ts";
import { tagConsole, terminal } from "./terminal.ts";

const TAG = { type: "words.count", jobId: "7", attempt: 1 } as AttemptTag;
const JOB = { type: "words.count", id: "7", tenant_id: "t", attempt: 2, max_attempts: 5 };

/** Returns what is printed by a method of the console while `use` runs. */
function printed(method: "log" | "info" | "error", use: () => void): unknown[][] {
  const original = { ...console };
  const lines: unknown[][] = [];
  console[method] = (...values: unknown[]) => void lines.push(values);
  try {
    use();
  } finally {
    Object.assign(console, original);
  }
  return lines;
}

Deno.test("what a handler prints begins with its job, and other lines stay", () => {
  let current: AttemptTag | undefined = TAG;
  const lines = printed("log", () => {
    tagConsole(() => current);
    console.log("hello %s", "you");
    console.log({ a: 1 });
    current = undefined;
    console.log("outside");
  });
  assert.deepEqual(lines, [
    ["words.count 7: hello %s", "you"],
    ["words.count 7:", { a: 1 }],
    ["outside"],
  ]);
});

Deno.test("a line of the worker's own log stays as it is", () => {
  const record = '{"timestamp":"2026-01-01T00:00:00Z","event":"job_log"}';
  const lines = printed("info", () => {
    tagConsole(() => TAG);
    console.info(record);
  });
  assert.deepEqual(lines, [[record]]);
});

const FRAMES = `
    at parse (ext:core/01_core.js:1:2)
    at handler (file:///app/supabase/functions/_jobforge/edge.js:3:4)
    at query (file:///app/node_modules/pg/index.js:5:6)
    at async count (file:///app/supabase/jobs/handlers.ts:12:9)
    at later (file:///app/supabase/jobs/other.ts:1:1)`;

Deno.test("a failed attempt names its tenant and the application's own line", () => {
  const thrown = Object.assign(new Error("no"), { stack: `Error: no${FRAMES}` });
  const outcome = { outcome: "errored" as const, error: { code: "handler_error", message: "no" } };
  const [[text]] = printed("error", () => {
    terminal.unsuccessful(JOB as ClaimedJob, outcome, thrown);
  }) as [[string]];
  const [first, second, third] = text.split("\n");
  assert.equal(first, "✗ words.count 7, attempt 2 of 5 errored (handler_error: no)");
  assert.equal(second, "  tenant t, at file:///app/supabase/jobs/handlers.ts:12:9");
  assert.equal(third, "Error: no");
});

Deno.test("a value without a stack has no place", () => {
  const outcome = { outcome: "failed" as const, error: { code: "invalid_payload", message: "no" } };
  const [[text]] = printed("error", () => {
    terminal.unsuccessful(JOB as ClaimedJob, outcome, undefined);
  }) as [[string]];
  assert.equal(text.split("\n").length, 2);
  assert.match(text, /\n {2}tenant t$/);
});
