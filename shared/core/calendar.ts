import { Cron } from "croner";

/** A window of local times: those after `after`, `count` of them. */
export interface CalendarWindow {
  /** Local time without a zone, such as `2026-03-29T01:59`. */
  after: string;
  count: number;
}

/**
 * Returns the next local times of a cron expression, such as `2026-03-29T02:30`, in order. They have
 * no time zone. The database decides when the clocks of a zone show them. Throws an Error for an
 * invalid expression or window.
 */
export function localTimes(expression: string, { after, count }: CalendarWindow): string[] {
  const cron = new Cron(expression, { utcOffset: 0, mode: "5-part", paused: true });
  const times = count > 0 ? cron.nextRuns(count, new Date(`${after}Z`)) : [];
  return times.map((at) => at.toISOString().slice(0, 16));
}
