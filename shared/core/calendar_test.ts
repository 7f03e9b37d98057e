import assert from "node:assert/strict";
import { occurrences } from "./calendar.ts";

function next(expression: string, timeZone: string, after: string, changes = {}): string[] {
  const from = new Date(after);
  const request = { expression, timeZone, after: from, resume: from, missed: 0, count: 3 };
  return occurrences({ ...request, ...changes }).map((at) => at.toISOString().slice(0, 16));
}

Deno.test("occurrences are those of the time zone", () => {
  assert.deepEqual(next("0 3 * * *", "UTC", "2026-01-01T00:00:00Z"), [
    ...["2026-01-01T03:00", "2026-01-02T03:00", "2026-01-03T03:00"],
  ]);
  assert.deepEqual(next("0 3 * * *", "Asia/Kolkata", "2026-01-01T00:00:00Z", { count: 1 }), [
    "2026-01-01T21:30",
  ]);
});

Deno.test("names, lists, ranges and steps count", () => {
  assert.deepEqual(next("0,30 9-10 * jan mon", "UTC", "2026-01-01T00:00:00Z"), [
    ...["2026-01-05T09:00", "2026-01-05T09:30", "2026-01-05T10:00"],
  ]);
  assert.deepEqual(next("5-50/15 * * * *", "UTC", "2026-01-01T00:00:00Z"), [
    ...["2026-01-01T00:05", "2026-01-01T00:20", "2026-01-01T00:35"],
  ]);
});

Deno.test("of day and weekday either is enough, as in cron", () => {
  assert.deepEqual(next("0 0 13 * fri", "UTC", "2026-01-08T12:00:00Z"), [
    ...["2026-01-09T00:00", "2026-01-13T00:00", "2026-01-16T00:00"],
  ]);
});

Deno.test("a time the clock change leaves out is taken at the change", () => {
  assert.deepEqual(next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z"), [
    ...["2026-03-29T01:00", "2026-03-30T00:30", "2026-03-31T00:30"],
  ]);
});

Deno.test("a time the clock change brings twice is taken once", () => {
  assert.deepEqual(next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z"), [
    ...["2026-10-25T00:30", "2026-10-26T01:30", "2026-10-27T01:30"],
  ]);
});

Deno.test("steps go on through a clock change", () => {
  assert.deepEqual(next("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:10:00Z"), [
    ...["2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30"],
  ]);
  assert.deepEqual(next("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:40:00Z"), [
    ...["2026-03-29T01:00", "2026-03-29T01:30", "2026-03-29T02:00"],
  ]);
});

Deno.test("no more missed occurrences are returned than requested", () => {
  const resume = new Date("2026-01-10T12:00:00Z");
  const from = "2026-01-01T00:00:00Z";
  assert.deepEqual(next("0 3 * * *", "UTC", from, { resume, missed: 0, count: 1 }), [
    "2026-01-11T03:00",
  ]);
  assert.deepEqual(next("0 3 * * *", "UTC", from, { resume, missed: 2, count: 1 }), [
    ...["2026-01-01T03:00", "2026-01-02T03:00", "2026-01-11T03:00"],
  ]);
});

Deno.test("occurrences that are known already are not given again", () => {
  const resume = new Date("2026-01-01T00:00:00Z");
  const from = "2026-01-05T03:00:00Z";
  assert.deepEqual(next("0 3 * * *", "UTC", from, { resume, missed: 100, count: 1 }), [
    "2026-01-06T03:00",
  ]);
});

Deno.test("a day that never comes has no occurrence", () => {
  assert.deepEqual(next("0 0 30 2 *", "UTC", "2026-01-01T00:00:00Z"), []);
});

Deno.test("an invalid expression or zone is an error", () => {
  for (const expression of ["61 * * * *", "* * * * * *", "5-1 * * * *", "soon"]) {
    assert.throws(() => next(expression, "UTC", "2026-01-01T00:00:00Z"), Error);
  }
  assert.throws(() => next("* * * * *", "Mars/Olympus", "2026-01-01T00:00:00Z"), Error);
});
