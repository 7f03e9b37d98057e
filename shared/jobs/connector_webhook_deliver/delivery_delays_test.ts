import assert from "node:assert/strict";
import { nextAttemptMs } from "./delivery_delays.ts";

Deno.test("attempts are spaced as Standard Webhooks propose", () => {
  const seconds = Array.from({ length: 9 }, (_, at) => nextAttemptMs(at + 1, 0) / 1000);
  const hours = [2, 5, 10, 14, 20, 24].map((each) => each * 3_600);
  assert.deepEqual(seconds, [5, 300, 1_800, ...hours]);
});

Deno.test("a manual retry starts over, attempts after the tenth come a day apart", () => {
  assert.equal(nextAttemptMs(10, 0), 86_400_000);
  assert.equal(nextAttemptMs(11, 0), 5_000);
});

Deno.test("chance makes an attempt up to a fifth sooner, never later", () => {
  for (const random of [0, 0.5, 0.999]) {
    const wait = nextAttemptMs(2, random);
    assert.ok(wait <= 300_000 && wait > 240_000);
  }
});
