import assert from "node:assert/strict";
import { shownLine } from "./shown_line.ts";

const record = (fields: Record<string, unknown>) =>
  JSON.stringify({ timestamp: "2026-11-28T00:00:00Z", ...fields });

Deno.test("a terminal shows what handlers print, as it is", () => {
  for (const line of ["hello", '{"a":1}', "[1]", "", "    at run (file:///handler.ts:3:9)"]) {
    assert.equal(shownLine("worker", line, "/app"), `worker: ${line}`);
  }
});

Deno.test("a terminal shows paths of the project from its folder on", () => {
  const line = "    at run (file:///app/supabase/jobs/handlers.ts:3:9)";
  assert.equal(
    shownLine("worker", line, "/app"),
    "worker:     at run (supabase/jobs/handlers.ts:3:9)",
  );
});

Deno.test("a terminal shows what handlers log, with its values", () => {
  const fields = { type: "words.count", job_id: "7", message: "counted", values: { words: 3 } };
  const line = record({ level: "info", event: "job_log", run_id: 1, ...fields });
  assert.equal(shownLine("worker", line, "/app"), 'worker: words.count 7 counted {"words":3}');
});

Deno.test("a terminal shows warnings, and not what was printed with its stack", () => {
  const warning = record({ level: "warn", event: "progress_refused", job_id: "7", reason: "x" });
  assert.equal(shownLine("worker", warning, "/app"), 'worker: progress_refused 7 {"reason":"x"}');
  for (const event of ["job_unsuccessful", "uncaught_error"]) {
    assert.equal(shownLine("worker", record({ level: "error", event }), "/app"), undefined);
  }
});

Deno.test("a terminal leaves out records of routine", () => {
  assert.equal(
    shownLine("worker", record({ level: "info", event: "run_finished" }), "/app"),
    undefined,
  );
});
