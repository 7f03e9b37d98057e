import assert from "node:assert/strict";
import type { Step } from "./steps.ts";
import { countOf, isGood, judge, lineOf, totalOf, type Verdict } from "./verdict.ts";

const step: Step = { name: "mutants", args: [], budget: 10, tests: true };
const plain: Step = { name: "lint", args: [], budget: 10 };

const SUMMARIES: [string, { passed: number; failed: number } | undefined][] = [
  ["ok | 12 passed | 0 failed (5s)", { passed: 12, failed: 0 }],
  ["ok | 12 passed (34 steps) | 0 failed (1m5s)", { passed: 46, failed: 0 }],
  ["ok | 1 passed (1 step) | 0 failed | 3 ignored (7 steps) (9ms)", { passed: 2, failed: 0 }],
  ["ok | 1 passed | 0 failed | 2 ignored | 40 filtered out (9ms)", { passed: 1, failed: 0 }],
  ["FAILED | 0 passed (5 steps) | 1 failed (2 steps) (3s)", { passed: 5, failed: 3 }],
  ["\x1b[0m\x1b[32mok\x1b[0m | 2 passed | 0 failed \x1b[0m\x1b[38;5;245m(1s)\x1b[0m", {
    passed: 2,
    failed: 0,
  }],
  ["12 passed, 0 failed", undefined],
  ["x ... ok (5ms)", undefined],
];

for (const [summary, count] of SUMMARIES) {
  Deno.test(`the count of ${JSON.stringify(summary)}`, () => {
    assert.deepEqual(countOf(`x ... ok (1ms)\n\n${summary}\n`), count);
  });
}

Deno.test("a summary that a test printed does not count", () => {
  const nested = "FAILED | 0 passed | 7 failed (1s)\n";
  assert.deepEqual(countOf(`${nested}ok | 3 passed | 0 failed (2s)\n`), { passed: 3, failed: 0 });
});

const OUTCOMES: [string, Step, boolean, number, string, Partial<Verdict>][] = [
  ["passes", step, true, 9.6, "ok | 3 passed | 0 failed (2s)", {
    seconds: 10,
    passed: 3,
    failed: 0,
  }],
  ["passes when it is over its budget by a factor of three", step, true, 30, "ok | 3 passed (2s)", {
    passed: 3,
    failed: 0,
  }],
  ["fails when it is further over its budget", step, true, 30.1, "ok | 3 passed (2s)", {
    passed: 3,
    failed: 1,
    problem: "took more than 3 times its budget",
  }],
  ["fails with its tests", step, false, 1, "FAILED | 3 passed | 2 failed (2s)", {
    passed: 3,
    failed: 2,
    problem: "failed tests: 2",
  }],
  [
    "fails when its summary does, with any exit code",
    step,
    true,
    1,
    "FAILED | 3 passed | 2 failed",
    {
      failed: 2,
    },
  ],
  ["fails when its command fails after the tests", step, false, 1, "ok | 3 passed | 0 failed", {
    failed: 1,
    problem: "the command failed",
  }],
  ["fails when no test ran", step, true, 1, "ok | 0 passed | 0 failed", { problem: "no test ran" }],
  ["fails without a summary", step, true, 1, "", { failed: 1, problem: "no test ran" }],
  ["passes without tests when it has none", plain, true, 1, "", { failed: 0 }],
];

for (const [name, given, success, seconds, output, expected] of OUTCOMES) {
  Deno.test(`a step ${name}`, () => {
    const verdict = judge(given, { success, seconds, output });
    assert.deepEqual({ ...verdict, ...expected }, verdict);
    assert.equal(verdict.problem === undefined, verdict.failed === 0);
  });
}

const good: Verdict = { name: "tests", seconds: 200, budget: 360, passed: 9, failed: 0 };
const idle: Verdict = { ...good, name: "lint", passed: 0 };
const bad: Verdict = { ...idle, failed: 1, problem: "the command failed" };

Deno.test("a line shows the seconds beside the budget, and why a step failed", () => {
  assert.equal(lineOf(good), "tests: 200 s of 360 s");
  assert.equal(lineOf(bad), "lint: 200 s of 360 s, FAILED: the command failed");
});

Deno.test("a run is good when tests ran and nothing failed", () => {
  assert.equal(isGood([good, idle]), true);
  assert.equal(isGood([good, bad]), false);
  assert.equal(isGood([idle]), false);
  assert.equal(isGood([]), false);
  assert.equal(totalOf([good, bad, good]), "18 passed, 1 failed");
});
