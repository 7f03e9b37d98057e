import { Cron } from "croner";

/** A cron schedule whose next occurrences are wanted. */
export interface CalendarRequest {
  /** Five fields: minute, hour, day of month, month, weekday. */
  expression: string;
  /** IANA name. */
  timeZone: string;
  /** Occurrences up to here are known. */
  after: Date;
  /** Where the future begins: up to `missed` occurrences between `after` and here are wanted too. */
  resume: Date;
  missed: number;
  /** How many occurrences after `resume` are wanted. */
  count: number;
}

/**
 * The next occurrences of a cron expression, in order; empty when there are none. A time that a
 * clock change leaves out is taken at the moment of the change, one that comes twice is taken once;
 * steps and lists of minutes go on through both. Throws an Error for an expression or a zone that
 * is not one.
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
