import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { Random, seedOf } from "../fixtures/random.ts";
import { type Change, changesOf, expectedMoments, randomExpression, textOf } from "./clocks.ts";
import { moments } from "./filling.ts";

/** Expressions that meet a change in each way there is. */
const MEETING = [
  ...["30 2,14 * * *", "30 23 * * *", "0 */2 * * *", "*/15 2 * * *", "0 0 * * *", "30 * * * *"],
  ...["*/30 * * * *", "* 0-4 * * *", "15 0-23 * * *", "0 22-23 * * 6", "0,59 0,23 * * *"],
];

async function compare(sql: Sql, expression: string, change: Change, random: Random) {
  // A few times at once begin near the change, so that the next few lie on both sides of it.
  const [count, most] = random.pick([[7, 240] as const, [64, 1_000] as const]);
  const from = change.at - random.int(1, most);
  const to = change.at + random.int(180, Math.max(most, 240));
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
    // Zones whose clocks change at one moment by the same do it alike: one of them is drawn.
    const kinds = Map.groupBy(changes, ({ at, before, after }) => `${at} ${before} ${after}`);
    for (const alike of kinds.values()) {
      const change = random.pick(alike);
      await compare(sql, random.pick(MEETING), change, random);
      await compare(sql, random.pick([...MEETING, randomExpression(random)]), change, random);
    }
  }));
