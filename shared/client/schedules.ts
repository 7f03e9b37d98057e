import type { Query } from "../adapters/data_api/data_api.ts";
import type { Calls } from "./calls.ts";
import { prefixed } from "./jobs.ts";
import { type CallOptions, checkNames, snakeOptions, uuid } from "./options.ts";
import { checkPayloadToSend, checkSendable, type Known, readText } from "./payloads.ts";
import { camelRow, type Schedule } from "./rows.ts";

/** Settings of a schedule. Those that are left out stay, or have their defaults in a new one. */
export interface ScheduleSettings {
  /** Cron expression with five fields, or `N seconds`. */
  expression?: string;
  /** IANA time zone, such as `Europe/Berlin` (default: UTC). */
  timeZone?: string;
  type?: string;
  payload?: unknown;
  queue?: string;
  priority?: number;
  maxAttempts?: number | null;
  timeoutMs?: number | null;
  /** While the previous job runs. */
  overlap?: "skip" | "allow";
  /** After missed occurrences. */
  catchUp?: "skip" | "once" | "all";
  paused?: boolean;
}

/** Options of `configureSchedule`. */
export interface ConfigureOptions extends CallOptions {
  /** True for one job for each active tenant. Needs a secret key. */
  fanOut?: boolean;
}

/** A schedule to name in a call: its ID, or what a list or `configureSchedule` returned. */
export type ScheduleRef = string | { readonly id: string };

/** The job of a schedule that was run now. Null for a fan-out, whose jobs follow. */
export interface ScheduleRun {
  jobId: string | null;
}

const SETTINGS = [
  ...["expression", "timeZone", "type", "payload", "queue", "priority", "maxAttempts"],
  ...["timeoutMs", "overlap", "catchUp", "paused"],
];
const COLUMNS = [
  ...["id", "tenant_id", "name", "expression", "time_zone", "type", "payload::text", "queue"],
  ...["priority", "max_attempts", "timeout_ms", "overlap", "catch_up", "paused", "next_at"],
  ...["last_at", "started", "skipped", "missed", "failed", "last_error", "problem"],
].join(",");
const PAGE = 200;

/** The operations on schedules. */
export class Schedules {
  readonly #calls: Calls;
  readonly #known: Known;

  constructor(calls: Calls, known: Known) {
    this.#calls = calls;
    this.#known = known;
  }

  async configureSchedule(
    name: string,
    settings: ScheduleSettings,
    { fanOut = false, ...call }: ConfigureOptions,
  ): Promise<Schedule> {
    checkNames(call, ["signal", "fanOut"], "option");
    checkNames(settings, SETTINGS, "setting");
    const { type, payload } = settings;
    if (type !== undefined && payload !== undefined) {
      checkPayloadToSend(this.#known, type, payload);
    } else checkSendable("the payload", payload ?? null);
    const args = prefixed({
      ...{ tenant_id: fanOut ? undefined : this.#calls.tenantId, name, fan_out: fanOut },
      settings: snakeOptions(settings),
    });
    const read = { expected: 1, columns: COLUMNS };
    const rows = await this.#calls.rows<ScheduleRow>(
      "jobforge_configure_schedule",
      args,
      call,
      read,
    );
    return scheduleOf(rows[0]!);
  }

  async deleteSchedule(schedule: ScheduleRef, options: CallOptions): Promise<void> {
    checkNames(options, ["signal"], "option");
    const args = prefixed({ schedule_id: scheduleIdOf(schedule) });
    await this.#calls.value("jobforge_delete_schedule", args, options);
  }

  async runSchedule(schedule: ScheduleRef, options: CallOptions): Promise<ScheduleRun> {
    checkNames(options, ["signal"], "option");
    const args = prefixed({ schedule_id: scheduleIdOf(schedule) });
    const run = await this.#calls.object<{ job_id?: string }>(
      "jobforge_run_schedule",
      args,
      options,
    );
    return { jobId: run.job_id ?? null };
  }

  async nextOccurrences(
    schedule: ScheduleRef,
    { count = 5, ...call }: CallOptions & { count?: number },
  ): Promise<string[]> {
    checkNames(call, ["signal", "count"], "option");
    const args = prefixed({ schedule_id: scheduleIdOf(schedule), count });
    return await this.#calls.rows<string>("jobforge_next_occurrences", args, call);
  }

  /** Goes on until a page is empty, because max_rows of the project may shorten any page. */
  async *listSchedules(options: CallOptions): AsyncGenerator<Schedule, void> {
    checkNames(options, ["signal"], "option");
    let after: string | undefined;
    for (;;) {
      const page = (query: Query) => {
        const of = this.#calls.tenantId ? query.eq("tenant_id", this.#calls.tenantId) : query;
        const rest = after === undefined ? of : of.gt("id", after);
        return rest.order("id", { ascending: true }).limit(PAGE);
      };
      const table = "jobforge_schedules";
      const rows = await this.#calls.read<ScheduleRow>(table, COLUMNS, page, options);
      if (rows.length === 0) return;
      yield* rows.map(scheduleOf);
      after = rows.at(-1)!.id;
    }
  }
}

function scheduleIdOf(schedule: ScheduleRef): string {
  return uuid("the ID of a schedule", typeof schedule === "string" ? schedule : schedule?.id);
}

interface ScheduleRow {
  id: string;
  payload: string;
}

function scheduleOf(row: ScheduleRow): Schedule {
  return { ...camelRow<Schedule>(row), payload: readText(row.payload) };
}
