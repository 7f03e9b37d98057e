import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { type CalendarWindow, localTimes } from "../../../shared/core/calendar.ts";
import { type Minute, textOf } from "./clocks.ts";

/** Fills a calendar as the worker and the database do, `count` local times at a time. */
export async function moments(
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
