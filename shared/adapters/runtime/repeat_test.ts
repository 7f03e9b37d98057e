import assert from "node:assert/strict";
import { repeatUntil } from "./repeat.ts";

Deno.test("an action is repeated until the end", async () => {
  const { promise: end, resolve } = Promise.withResolvers<void>();
  let calls = 0;
  await repeatUntil(end, 1, () => {
    if (++calls === 3) resolve();
    return Promise.resolve();
  });
  assert.equal(calls, 3);
});

Deno.test("an action is done once when the end comes first, and leaves no timer", async () => {
  for (const end of [Promise.resolve(), Promise.reject(new Error("failed"))]) {
    let calls = 0;
    await repeatUntil(end, 3_600_000, () => {
      calls++;
      return Promise.resolve();
    });
    assert.equal(calls, 1);
  }
});
