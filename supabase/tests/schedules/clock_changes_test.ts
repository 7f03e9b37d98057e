import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { type CalendarWindow, localTimes } from "../../../shared/core/calendar.ts";
import { Random, seedOf } from "../fixtures/random.ts";
import {
  type Change,
  changesOf,
  expectedMoments,
  type Minute,
  minuteOf,
  randomExpression,
  textOf,
} from "./clocks.ts";

/** Fills a calendar as the worker and the database do, `count` local times at a time. */
async function moments(
  sql: Sql,
  expression: string,
  zone: string,
  from: Minute,
  to: Minute,
  count: number,
): Promise<Minute[]> {
  const filled: Minute[] = [];
  let through = from;
  while (through < to) {
    const after = `${textOf(through)}Z`;
    const [low] = await sql<{ window: CalendarWindow }[]>`
      select jobforge.local_window(${after}, ${zone}, ${count}) as window`;
    const times = localTimes(expression, low!.window);
    const [saved] = await sql<{ due: number[] }[]>`
      select array(
        select (extract(epoch from due_at) / 60)::int
        from unnest(jobforge.moments_of_schedule(
          ${expression}, ${zone}, ${times}::text[]::timestamp[])) as due_at
        where due_at > ${after} order by due_at) as due`;
    const { due } = saved!;
    assert.ok(due.length > 0, `${expression} ${zone} has nothing after ${after}`);
    filled.push(...due);
    through = due.at(-1)!;
  }
  return filled.filter((at) => at <= to);
}

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

/** Expressions that meet a change in each way there is. */
const MEETING = [
  ...["30 2,14 * * *", "30 23 * * *", "0 */2 * * *", "*/15 2 * * *", "0 0 * * *", "30 * * * *"],
  ...["*/30 * * * *", "* 0-4 * * *", "15 0-23 * * *", "0 22-23 * * 6", "0,59 0,23 * * *"],
];

async function compare(sql: Sql, expression: string, change: Change, random: Random) {
  const from = change.at - random.int(1, 1_000);
  const to = change.at + random.int(240, 1_000);
  const count = random.pick([7, 64]);
  assert.deepEqual(
    (await moments(sql, expression, change.zone, from, to, count)).map(textOf),
    expectedMoments(expression, change, from, to).map(textOf),
    `${expression} in ${change.zone} after ${textOf(from)}, ${count} at a time`,
  );
}

Deno.test("around every clock change of two years, a schedule follows the clocks of its zone", () =>
  withDatabase(async ({ sql }) => {
    const random = new Random(seedOf());
    console.log(`seed ${random.seed}`);
    const changes = await changesOf(sql, 2026);
    assert.ok(changes.length > 400, "zones change their clocks");
    const kinds = new Map<string, Change>();
    for (const change of changes) {
      kinds.set(`${change.at} ${change.before} ${change.after}`, change);
      const expression = random.pick([...MEETING, randomExpression(random)]);
      await compare(sql, expression, change, random);
    }
    for (const change of kinds.values()) {
      for (let i = 0; i < 3; i++) await compare(sql, random.pick(MEETING), change, random);
    }
  }));
