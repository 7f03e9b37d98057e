import assert from "node:assert/strict";
import { spread } from "./connector_call.ts";

Deno.test("jobs of a closed host come back within half of the pause, a second to 30 seconds", () => {
  const longest = [100, 10_000, 3_600_000].map((ms) => spread(ms, 1));
  assert.deepEqual(longest, [1_100, 15_000, 3_630_000]);
  assert.equal(spread(10_000, 0), 10_000);
});
