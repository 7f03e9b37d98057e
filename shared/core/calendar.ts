import { Cron } from "croner";

/** A request for the next occurrences of a cron schedule. */
export interface CalendarRequest {
  /** Five fields: minute, hour, day of month, month, weekday. */
  expression: string;
  /** IANA time zone. */
  timeZone: string;
  /** The last occurrence that is already known. */
  after: Date;
  /** Start of the future. Up to `missed` occurrences between `after` and here are returned too. */
  resume: Date;
  missed: number;
  /** Number of occurrences after `resume`. */
  count: number;
}

/**
 * Returns the next occurrences of a cron expression, in order. A time that a clock change skips
 * occurs at the moment of the change. A time that comes twice occurs once. Steps and lists of
 * minutes continue through both. Throws an Error for an invalid expression or zone.
 */
export function occurrences(request: CalendarRequest): Date[] {
  const { expression, timeZone, after, resume, missed, count } = request;
  const cron = new Cron(expression, { timezone: timeZone, mode: "5-part", paused: true });
  const past: Date[] = [];
  for (let next = cron.nextRun(after); next && next <= resume; next = cron.nextRun(next)) {
    if (past.length >= missed) break;
    past.push(next);
  }
  return [...past, ...cron.nextRuns(count, after > resume ? after : resume)];
}
