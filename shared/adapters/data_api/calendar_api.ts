import { type CalendarWindow, localTimes } from "../../core/calendar.ts";
import { callRpc, type DataApi } from "./data_api.ts";

/** A schedule with few occurrences left, as the database lists it. */
interface LowSchedule {
  id: string;
  version: number;
  expression: string;
  /** Returned as it came: until when occurrences are missed ones. */
  resume: string;
  /** After the last known occurrence, and after `resume`. They may overlap. */
  windows: CalendarWindow[];
}

const CALL = { timeoutMs: 10_000 };
/** Rounds of one run. Each round fills up to ten schedules, the rest waits for the next run. */
const MAX_ROUNDS = 5;

/**
 * Fills the calendars of schedules that run low. Returns how many. Throws JobForgeError when the
 * database cannot be reached, and a later run fills them.
 */
export async function fillCalendar(api: DataApi): Promise<number> {
  let filled: unknown[] = [];
  let total = 0;
  for (let round = 0; round <= MAX_ROUNDS; round++) {
    const args = { p_filled: filled };
    const low = await callRpc(api, "jobforge_fill_calendar", args, CALL) as LowSchedule[];
    total += filled.length;
    if (low.length === 0) break;
    filled = low.map(fill);
  }
  return total;
}

function fill({ id, version, resume, expression, windows }: LowSchedule) {
  try {
    const times = windows.flatMap((window) => localTimes(expression, window));
    return { id, version, resume, times: [...new Set(times)] };
  } catch (thrown) {
    return { id, version, problem: thrown instanceof Error ? thrown.message : "wrong" };
  }
}
