import assert from "node:assert/strict";
import { fullSteps, PROMISED, STEPS } from "./steps.ts";

Deno.test("the budgets keep the tests and .ci/run under what is promised", () => {
  const tests = STEPS.find(({ name }) => name === "tests");
  assert.ok(tests!.budget < PROMISED.tests);
  // Even if nothing ran beside anything.
  const sum = STEPS.reduce((seconds, { budget }) => seconds + budget, 0);
  assert.ok(sum < PROMISED.run, `${sum} s`);
});

Deno.test("every step has a name of its own, and --full runs at least as much", () => {
  assert.equal(new Set(STEPS.map(({ name }) => name)).size, STEPS.length);
  for (const [index, full] of fullSteps().entries()) {
    assert.equal(full.name, STEPS[index]!.name);
    assert.ok(full.budget >= STEPS[index]!.budget, full.name);
  }
});
