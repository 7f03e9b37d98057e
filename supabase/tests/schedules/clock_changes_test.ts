import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { minuteOf, textOf } from "./clocks.ts";
import { moments } from "./filling.ts";

async function momentsOfDays(sql: Sql, expression: string, zone: string, from: string, to: string) {
  return (await moments(sql, expression, zone, minuteOf(from), minuteOf(to), 5)).map(textOf);
}

interface Case {
  what: string;
  expression: string;
  zone: string;
  from: string;
  to: string;
  expected: string[];
}

const BERLIN = "Europe/Berlin";
const CASES: Case[] = [
  {
    ...{ what: "every half hour after the first pass", expression: "*/30 * * * *", zone: BERLIN },
    ...{ from: "2026-10-25T00:30", to: "2026-10-25T02:00" },
    expected: ["2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T02:00"],
  },
  {
    ...{
      what: "two hours of a day, one of them skipped",
      expression: "30 2,14 * * *",
      zone: BERLIN,
    },
    ...{ from: "2026-03-28T23:00", to: "2026-03-30T00:00" },
    expected: ["2026-03-29T01:00", "2026-03-29T12:30"],
  },
  {
    ...{ what: "two hours of a day, one of them twice", expression: "30 2,14 * * *", zone: BERLIN },
    ...{ from: "2026-10-24T22:00", to: "2026-10-25T22:00" },
    expected: ["2026-10-25T00:30", "2026-10-25T13:30"],
  },
  {
    ...{ what: "the last hour of a day, skipped", expression: "30 23 * * *", zone: "America/Nuuk" },
    ...{ from: "2026-03-28T12:00", to: "2026-03-30T12:00" },
    expected: ["2026-03-29T01:00", "2026-03-30T00:30"],
  },
  {
    ...{ what: "every second hour, one of them skipped", expression: "0 */2 * * *", zone: BERLIN },
    ...{ from: "2026-03-28T23:00", to: "2026-03-29T03:00" },
    expected: ["2026-03-29T01:00", "2026-03-29T02:00"],
  },
  {
    ...{ what: "every second hour, one of them twice", expression: "0 */2 * * *", zone: BERLIN },
    ...{ from: "2026-10-24T23:00", to: "2026-10-25T03:30" },
    expected: ["2026-10-25T00:00", "2026-10-25T03:00"],
  },
  {
    ...{ what: "every minute of a skipped hour", expression: "* 2 * * *", zone: BERLIN },
    ...{ from: "2026-03-28T23:00", to: "2026-03-29T12:00" },
    expected: ["2026-03-29T01:00"],
  },
  {
    ...{ what: "every hour, one of them skipped", expression: "30 * * * *", zone: BERLIN },
    ...{ from: "2026-03-29T00:00", to: "2026-03-29T02:00" },
    expected: ["2026-03-29T00:30", "2026-03-29T01:30"],
  },
  {
    ...{ what: "every hour, one of them twice", expression: "30 0-23 * * *", zone: BERLIN },
    ...{ from: "2026-10-25T00:00", to: "2026-10-25T02:00" },
    expected: ["2026-10-25T00:30", "2026-10-25T01:30"],
  },
  {
    ...{
      what: "half an hour that is skipped",
      expression: "15 2 * * *",
      zone: "Australia/Lord_Howe",
    },
    ...{ from: "2026-10-03T12:00", to: "2026-10-04T12:00" },
    expected: ["2026-10-03T15:30"],
  },
];

for (const { what, expression, zone, from, to, expected } of CASES) {
  Deno.test(`${what}: ${expression} in ${zone} occurs once for each`, () =>
    withDatabase(async ({ sql }) => {
      assert.deepEqual(await momentsOfDays(sql, expression, zone, from, to), expected);
    }));
}

Deno.test("a day of 48 hours has no second occurrence, and a skipped one has its own", () =>
  withDatabase(async ({ sql }) => {
    assert.deepEqual(
      await momentsOfDays(
        sql,
        "0 12 * * *",
        "Pacific/Apia",
        "2011-12-29T00:00",
        "2011-12-31T12:00",
      ),
      ["2011-12-29T22:00", "2011-12-30T10:00", "2011-12-30T22:00"],
    );
  }));
