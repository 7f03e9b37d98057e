import type { Sql } from "../../../local/postgres/database.ts";
import type { Random } from "../fixtures/random.ts";

/** Minutes since 1970, of UTC or of the clocks of a zone. */
export type Minute = number;

/** A moment at which the clocks of a zone change, and the offsets before and after in minutes. */
export interface Change {
  zone: string;
  at: Minute;
  before: number;
  after: number;
}

const DAY = 1_440;

/** Returns every change of every zone from the first day of `year` to the end of the next one. */
export async function changesOf(sql: Sql, year: number): Promise<Change[]> {
  const rows = await sql<Change[]>`
    with zones as (
      select name as zone from pg_timezone_names where name ~ '^[A-Z][A-Za-z_]+/'
    ),
    days as (
      select zone, at, extract(epoch from (at at time zone zone) - (at at time zone 'UTC')) / 60 as offset_minutes
      from zones, generate_series(
        make_timestamptz(${year}, 1, 1, 0, 0, 0, 'UTC'),
        make_timestamptz(${year + 2}, 1, 1, 0, 0, 0, 'UTC'), interval '1 day') as at
    ),
    changed as (
      select zone, at, offset_minutes as before, next as after
      from (select *, lead(offset_minutes) over (partition by zone order by at) as next from days)
        as followed
      where next <> offset_minutes
    )
    select changed.zone, changed.before::int, changed.after::int, (
        select (extract(epoch from min(minute)) / 60)::int
        from generate_series(changed.at, changed.at + interval '1 day', interval '1 minute') as minute
        where extract(epoch from (minute at time zone changed.zone) - (minute at time zone 'UTC')) / 60
          <> changed.before) as at
    from changed order by zone, at`;
  return [...rows];
}

/** Returns the minute of a text such as `2026-03-29T02:30`. */
export function minuteOf(text: string): Minute {
  return Date.parse(`${text}Z`) / 60_000;
}

/** Returns the text of a minute, such as `2026-03-29T02:30`. */
export function textOf(minute: Minute): string {
  return new Date(minute * 60_000).toISOString().slice(0, 16);
}

/**
 * Returns when a schedule has to occur around a change: it walks through the minutes and looks at
 * the clock. Nothing of this is shared with what is tested.
 */
export function expectedMoments(
  expression: string,
  change: Change,
  from: Minute,
  to: Minute,
): Minute[] {
  const [, hours] = expression.split(" ");
  const everyHour = valuesOf(hours!, 0, 23).size === 24;
  const matches = matcher(expression);
  const moments: Minute[] = [];
  let latest = from - DAY + change.before;
  for (let at = from - DAY; at <= to; at++) {
    const local = at + (at < change.at ? change.before : change.after);
    let due = everyHour && matches(local);
    // Each local time counts once, when the clock first reaches or passes it.
    for (let time = latest + 1; !everyHour && time <= local; time++) due ||= matches(time);
    latest = Math.max(latest, local);
    if (due && at > from) moments.push(at);
  }
  return moments;
}

function matcher(expression: string): (local: Minute) => boolean {
  const [minutes, hours, days, months, weekdays] = expression.split(" ") as string[];
  const minute = valuesOf(minutes!, 0, 59);
  const hour = valuesOf(hours!, 0, 23);
  const day = valuesOf(days!, 1, 31);
  const month = valuesOf(months!, 1, 12);
  const weekday = new Set([...valuesOf(weekdays!, 0, 7)].map((value) => value % 7));
  return (local) => {
    const date = new Date(local * 60_000);
    if (!minute.has(date.getUTCMinutes()) || !hour.has(date.getUTCHours())) return false;
    if (!month.has(date.getUTCMonth() + 1)) return false;
    const onDay = day.has(date.getUTCDate());
    const onWeekday = weekday.has(date.getUTCDay());
    return days === "*" || weekdays === "*" ? onDay && onWeekday : onDay || onWeekday;
  };
}

function valuesOf(field: string, lowest: number, highest: number): Set<number> {
  const values = new Set<number>();
  for (const part of field.split(",")) {
    const [range, step = "1"] = part.split("/") as [string, string?];
    const [low, high = low] = range === "*"
      ? [lowest, highest]
      : range.split("-").map(Number) as [number, number?];
    for (let value = low; value <= high; value += Number(step)) values.add(value);
  }
  return values;
}

/** Returns a random valid expression. Most of them occur on most days. */
export function randomExpression(random: Random): string {
  const field = (lowest: number, highest: number): string => {
    const low = random.int(lowest, highest);
    const high = random.int(low, highest);
    const step = random.int(1, Math.max(highest, 1));
    return random.pick([
      ...["*", "*", `*/${step}`, `*/${random.int(1, 6)}`, `${low}`, `${low}`, `${low},${high}`],
      ...[`${low}-${high}`, `${low}-${high}/${random.int(1, 6)}`, `${high},${low}-${high}`],
    ]);
  };
  const day = random.next() < 0.8 ? "*" : field(1, 31);
  const weekday = random.next() < 0.7 ? "*" : field(0, 7);
  return [field(0, 59), field(0, 23), day, "*", weekday].join(" ");
}
