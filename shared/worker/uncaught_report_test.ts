import assert from "node:assert/strict";
import type { AttemptTag } from "./ports.ts";
import { UncaughtReport } from "./uncaught_report.ts";

function stage(running: AttemptTag[] = []) {
  const lines: Record<string, unknown>[] = [];
  const shown: unknown[] = [];
  const time = { now: 0 };
  const report = new UncaughtReport({
    log: { write: (_level, event, fields) => void lines.push({ event, ...fields }) },
    running: () => running,
    now: () => time.now,
    show: (thrown, tag) => void shown.push([thrown, tag?.jobId]),
  });
  return { lines, report, shown, time };
}

const tag = (jobId: string): AttemptTag => ({
  ...{ runId: 1, tenantId: "t", jobId, type: "a.b", attempt: 2 },
});

Deno.test("an uncaught error is logged with its job, its kind and its place", () => {
  const { lines, report, shown } = stage([tag("x"), tag("y")]);
  const own = tag("x");
  const error = new TypeError("planted\n    at planted");
  report.add(error, own);
  const [line] = lines;
  assert.deepEqual(
    [line?.event, line?.job_id, line?.code, line?.attempt],
    ["uncaught_error", "x", "TypeError", 2],
  );
  assert.match(String(line?.message), /^at .*uncaught_report_test\.ts/);
  assert.doesNotMatch(JSON.stringify(line), /planted/);
  assert.match(own.uncaught!, /^TypeError: planted/);
  assert.deepEqual(shown, [[error, "x"]]);
});

Deno.test("an error of an unknown job names the only one that runs, and is not certain", () => {
  const only = tag("only");
  const { lines, report } = stage([only]);
  report.add(null, undefined);
  assert.deepEqual([lines[0]?.job_id, lines[0]?.values], ["only", { certain: false, running: 1 }]);
  assert.equal(only.uncaught, undefined, "its outcome does not name what may not be its own");
});

Deno.test("an error of an unknown job blames none of several", () => {
  const { lines, report } = stage([tag("x"), tag("y")]);
  report.add(new Error("no"), undefined);
  assert.equal(lines[0]?.job_id, undefined);
});

Deno.test("what cannot be read is reported without an error of its own", () => {
  const { lines, report } = stage();
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const fail = () => {
    throw new Error("no");
  };
  const members = Object.fromEntries(
    ["name", "message", "stack"].map((name) => [name, { get: fail }]),
  );
  for (const thrown of [proxy, Object.defineProperties(new Error(), members), Symbol("s"), 1n]) {
    report.add(thrown, undefined);
  }
  const codes = lines.map(({ code }) => code);
  assert.deepEqual(codes, ["unreadable", "unreadable", "symbol", "bigint"]);
});

Deno.test("an interval that throws on and on writes 20 lines in ten seconds", () => {
  const { lines, report, time } = stage();
  for (let count = 0; count < 1_000; count++) report.add(new Error("no"), undefined);
  assert.equal(lines.length, 20);
  time.now = 10_000;
  report.add(new Error("no"), undefined);
  assert.deepEqual([lines.length, lines.at(-1)?.suppressed], [21, 980]);
});
