import assert from "node:assert/strict";
import { runSteps } from "./runner.ts";
import type { Step } from "./steps.ts";

function step(name: string, code: string, more: Partial<Step> = {}): Step {
  return { name, args: ["eval", code], budget: 60, ...more };
}

async function run(steps: Step[], options: Partial<Parameters<typeof runSteps>[1]> = {}) {
  let shown = "";
  const verdicts = await runSteps(steps, { show: (text) => shown += text, ...options });
  const outcomes = verdicts.map(({ name, passed, problem }) => problem ?? `${name} ${passed}`);
  return { outcomes, shown: shown.replaceAll(/: \d+ s of/g, ": n s of") };
}

const SUMMARY = "console.log('ok | 2 passed (3 steps) | 0 failed (1s)')";

Deno.test("steps run in their order, each with its output and its line", async () => {
  const both = "console.log('out'); console.error('err')";
  const { shown, outcomes } = await run([
    step("one", both),
    step("two", SUMMARY, { tests: true }),
  ]);
  assert.equal(
    shown,
    "== one\nout\nerr\n== one: n s of 60 s\n" +
      "== two\nok | 2 passed (3 steps) | 0 failed (1s)\n== two: n s of 60 s\n",
  );
  assert.deepEqual(outcomes, ["one 0", "two 5"]);
});

Deno.test("a failing step fails, and the ones after it run", async () => {
  const { outcomes } = await run([step("one", "Deno.exit(3)"), step("two", "")]);
  assert.deepEqual(outcomes, ["the command failed", "two 0"]);
});

Deno.test("a failing step ends a run that stops at a failure", async () => {
  const steps = [step("one", "Deno.exit(3)"), step("two", "")];
  const { outcomes } = await run(steps, { stopAtFailure: true });
  assert.deepEqual(outcomes, ["the command failed"]);
});

Deno.test("a step far over its budget is stopped, and so is what it started", async () => {
  const endless = "console.log('pid', Deno.pid); setInterval(() => {}, 1000)";
  const args = ["task", "--eval", `deno eval "${endless}"`];
  const { outcomes, shown } = await run([step("a", "", { args, budget: 2 }), step("b", "")]);
  assert.deepEqual(outcomes, ["took more than 3 times its budget", "b 0"]);
  const [, pid] = /^pid (\d+)$/m.exec(shown)!;
  const { success } = await new Deno.Command("kill", { args: ["-0", pid!], stderr: "null" })
    .output();
  assert.equal(success, false, "the process still runs");
});

// Each of the two waits for a file of the other: they end only if they run at the same time.
Deno.test("a step runs beside the next ones, and its output is not mixed with theirs", async () => {
  const folder = await Deno.makeTempDir();
  const meet = (own: string, other: string) => `
    console.log("${own} begins");
    Deno.writeTextFileSync("${folder}/${own}", "");
    for (;;) try { Deno.statSync("${folder}/${other}"); break; } catch { await 0; }
    console.log("${own} ends");`;
  try {
    const { shown, outcomes } = await run([
      step("a", meet("a", "b"), { beside: true }),
      step("b", meet("b", "a")),
      step("c", "", { alone: true }),
    ]);
    assert.equal(
      shown,
      "== b\nb begins\nb ends\n== b: n s of 60 s\n" +
        "== a\na begins\na ends\n== a: n s of 60 s\n== c\n== c: n s of 60 s\n",
    );
    assert.deepEqual(outcomes, ["b 0", "a 0", "c 0"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a failing step beside others fails the run", async () => {
  const { outcomes } = await run([step("a", "Deno.exit(1)", { beside: true }), step("b", "")]);
  assert.deepEqual(outcomes, ["b 0", "the command failed"]);
});

Deno.test("a step that has ended before is judged, not run", async () => {
  const output = "FAILED | 1 passed | 1 failed (1s)\n";
  const ended = new Map([["tests", { success: false, seconds: 5, output }]]);
  const steps = [step("tests", "console.log('again')", { tests: true }), step("b", "")];
  const { shown, outcomes } = await run(steps, { ended });
  assert.doesNotMatch(shown, /again/);
  assert.deepEqual(outcomes, ["failed tests: 1", "b 0"]);
});
