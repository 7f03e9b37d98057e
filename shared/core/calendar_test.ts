import assert from "node:assert/strict";
import { localTimes } from "./calendar.ts";

function next(expression: string, after: string, count = 3): string[] {
  return localTimes(expression, { after, count });
}

Deno.test("times are the next local ones", () => {
  assert.deepEqual(next("0 3 * * *", "2026-01-01T03:00"), [
    ...["2026-01-02T03:00", "2026-01-03T03:00", "2026-01-04T03:00"],
  ]);
  assert.deepEqual(next("0 3 * * *", "2026-01-01T02:59", 1), ["2026-01-01T03:00"]);
});

Deno.test("names, lists, ranges and steps count", () => {
  assert.deepEqual(next("0,30 9-10 * jan mon", "2026-01-01T00:00"), [
    ...["2026-01-05T09:00", "2026-01-05T09:30", "2026-01-05T10:00"],
  ]);
  assert.deepEqual(next("5-50/15 * * * *", "2026-01-01T00:00"), [
    ...["2026-01-01T00:05", "2026-01-01T00:20", "2026-01-01T00:35"],
  ]);
});

Deno.test("of day and weekday either is enough, as in cron", () => {
  assert.deepEqual(next("0 0 13 * fri", "2026-01-08T12:00"), [
    ...["2026-01-09T00:00", "2026-01-13T00:00", "2026-01-16T00:00"],
  ]);
});

Deno.test("a time that a clock change skips is a local time like any other", () => {
  assert.deepEqual(next("30 2 * * *", "2026-03-28T12:00", 2), [
    ...["2026-03-29T02:30", "2026-03-30T02:30"],
  ]);
});

Deno.test("a window of no times is empty", () => {
  assert.deepEqual(next("* * * * *", "2026-01-01T00:00", 0), []);
});

Deno.test("a day that never comes has no times", () => {
  assert.deepEqual(next("0 0 30 2 *", "2026-01-01T00:00"), []);
});

Deno.test("an invalid expression or window is an error", () => {
  for (const expression of ["61 * * * *", "* * * * * *", "5-1 * * * *", "soon"]) {
    assert.throws(() => next(expression, "2026-01-01T00:00"), Error);
  }
  assert.throws(() => next("* * * * *", "soon"), Error);
});
