import assert from "node:assert/strict";
import { readWorkerEnv } from "../../../shared/adapters/runtime/env.ts";
import { handle } from "../../../shared/core/job/handler.ts";
import { defineJob } from "../../../shared/core/job/job_type.ts";
import { createDeps } from "./deps.ts";

/** Returns what a worker with these timeouts warns of when it starts. */
function warningsOf(timeouts: number[], variables: Record<string, string> = {}) {
  const { warn } = console;
  const lines: string[] = [];
  console.warn = (line: string) => void lines.push(line);
  try {
    const all: Record<string, string> = {
      SUPABASE_URL: "http://127.0.0.1:1",
      SUPABASE_SECRET_KEYS: '{"default":"k"}',
      ...variables,
    };
    const handlers = timeouts.map((timeoutMs) =>
      handle(defineJob({ type: `t.${timeoutMs}`, timeoutMs }), () => {})
    );
    createDeps(readWorkerEnv((name) => all[name]), () => handlers);
  } finally {
    console.warn = warn;
  }
  return lines.map((line) => JSON.parse(line));
}

Deno.test("a worker warns of each timeout that it cannot keep, with the variable", () => {
  const [warning, ...more] = warningsOf([60_000, 130_000, 130_001]);
  assert.deepEqual(more, []);
  assert.deepEqual([warning.event, warning.type], ["timeout_not_kept", "t.130001"]);
  assert.match(warning.message, /JOBFORGE_WALL_CLOCK_MS/);
  assert.deepEqual(warning.values, {
    ...{ timeout_ms: 130_001, longest_ms: 130_000, wall_clock_ms: 150_000 },
  });
});

Deno.test("on a paid plan longer timeouts can be kept", () => {
  const paid = { JOBFORGE_WALL_CLOCK_MS: "400000" };
  assert.deepEqual(warningsOf([130_001, 355_000], paid), []);
});
