import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";
import { localTimes } from "../../../shared/core/calendar.ts";
import { Random, seedOf } from "../fixtures/random.ts";

const NAMES = [[], [], [], ["jan", "feb", "JUN", "dec"], ["sun", "mon", "Fri", "SAT"]];
const HIGHEST = [59, 23, 31, 12, 7];

/** A part of a field, valid or nearly so. */
function part(random: Random, place: number): string {
  const value = () =>
    random.next() < 0.3 && NAMES[place]!.length > 0
      ? random.pick(NAMES[place]!)
      : String(random.int(random.next() < 0.1 ? 0 : 1, HIGHEST[place]! + (random.int(1, 8) >> 3)));
  const step = random.int(random.next() < 0.1 ? 0 : 1, HIGHEST[place]! + (random.int(1, 8) >> 3));
  return random.pick([
    ...["*", "*", `*/${step}`, value(), value(), `${value()}-${value()}`],
    ...[`${value()}-${value()}/${step}`, `${value()}/${step}`],
  ]);
}

function expression(random: Random): string {
  const fields = [0, 1, 2, 3, 4].map((place) => {
    const parts = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => part(random, place));
    return random.next() < 0.3 ? "*" : parts.join(",");
  });
  return fields.join(random.pick([" ", " ", "  "]));
}

function isInRange(text: string): boolean {
  return text.split(/ +/).every((field, place) =>
    (field.match(/\d+/g) ?? []).every((number) => Number(number) <= HIGHEST[place]!)
  );
}

function occurs(text: string): boolean {
  try {
    return localTimes(text, { after: "2026-11-28T00:00", count: 1 }).length > 0;
  } catch {
    return false;
  }
}

Deno.test("an expression that the database takes occurs, and one that occurs is taken", () =>
  withDatabase(async ({ sql }) => {
    const random = new Random(seedOf());
    console.log(`seed ${random.seed}`);
    const texts = Array.from({ length: 2_000 }, () => expression(random));
    const rows = await sql<{ text: string; problem: string | null }[]>`
      select text, jobforge.problem_with_expression(text) as problem
      from unnest(${texts}::text[]) as text`;
    const taken = rows.filter(({ problem }) => problem === null).map(({ text }) => text);
    assert.ok(taken.length > 300, `${taken.length} valid expressions`);
    assert.deepEqual(taken.filter((text) => !occurs(text)), []);
    // The parser also takes some values that are too large, which the database refuses.
    const refused = rows.filter(({ text, problem }) => problem !== null && isInRange(text));
    assert.ok(refused.length > 300, `${refused.length} invalid expressions`);
    assert.deepEqual(refused.filter(({ text }) => occurs(text)), []);
  }));
