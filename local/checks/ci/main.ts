/**
 * `deno task ci`: every check; `--full` runs all mutants and the full chaos. `deno task ok`: the
 * checks of every change. `.ci/run` passes how the tests ended as `--tested=<code>:<seconds>:<log>`.
 */
import { parseArgs } from "node:util";
import { runSteps } from "./runner.ts";
import { fullSteps, PROMISED, STEPS } from "./steps.ts";
import { type Ended, isGood, lineOf, totalOf } from "./verdict.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    ok: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    tested: { type: "string" },
  },
});

/** How the tests ended that `.ci/run` has run. */
async function endedTests(text: string): Promise<Map<string, Ended>> {
  const [, code, seconds, log] = /^(\d+):(\d+):(.+)$/.exec(text) ?? [];
  if (log === undefined) throw new TypeError("--tested must be <code>:<seconds>:<log>");
  const output = await Deno.readTextFile(log);
  return new Map([["tests", { success: code === "0", seconds: Number(seconds), output }]]);
}

function show(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) sent += Deno.stdout.writeSync(bytes.subarray(sent));
}

const started = performance.now();
const ended = await (values.tested ? endedTests(values.tested) : new Map<string, Ended>());
const all = values.full ? fullSteps() : STEPS;
const verdicts = await runSteps(values.ok ? all.filter(({ ok }) => ok) : all, {
  show,
  ended,
  stopAtFailure: values.ok,
});

const before = ended.get("tests")?.seconds ?? 0;
const seconds = Math.round((performance.now() - started) / 1000 + before);
console.log("\nSeconds of budgets:");
for (const verdict of verdicts) console.log(`  ${lineOf(verdict)}`);
console.log(`  in all: ${seconds} s${values.full || values.ok ? "" : ` of ${PROMISED.run} s`}`);
if (values.ok) {
  const left = STEPS.filter(({ ok }) => !ok).map(({ name }) => name);
  console.log(`left out, run by \`deno task ci\`: ${left.join(", ")}`);
}
console.log(totalOf(verdicts));
Deno.exit(isGood(verdicts) ? 0 : 1);
