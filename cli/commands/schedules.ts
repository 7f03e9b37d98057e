import type { Command } from "commander";
import { anyTenantOption, integer, jsonObject, uuid } from "../arguments.ts";
import type { Act } from "../command.ts";
import type { Session } from "../session.ts";
import { UsageError } from "../usage_error.ts";
import { sheet, table } from "../table.ts";

interface SetOptions {
  tenant?: string;
  everyTenant?: boolean;
  expression?: string;
  timeZone?: string;
  type?: string;
  payload?: Record<string, unknown>;
  queue?: string;
  overlap?: string;
  catchUp?: string;
}

type Row = Record<string, unknown>;

const LISTED = [
  ...["id", "name", "tenant_id", "expression", "time_zone", "type", "paused", "next_at", "last_at"],
  ...["started", "skipped", "missed", "failed", "problem"],
];

/** The command schedules: recurring jobs. */
export function scheduleCommands(program: Command, act: Act): void {
  const schedules = program.command("schedules").description("manage recurring jobs");
  schedules.command("list")
    .description("list schedules")
    .addOption(anyTenantOption())
    .action(act(list));
  addSet(schedules, act);
  for (const [verb, paused] of [["pause", true], ["resume", false]] as const) {
    schedules.command(verb)
      .argument("<schedule>", "schedule ID", uuid)
      .description(`${verb} a schedule`)
      .action(act(async (session, id: string) => {
        const { name, tenant_id } = await find(session, id);
        await configure(session, String(name), { paused }, tenant_id);
      }));
  }
  addRuns(schedules, act);
  schedules.command("delete")
    .argument("<schedule>", "schedule ID", uuid)
    .description("delete a schedule")
    .action(act(async (session, id: string) => {
      await session.rpc("jobforge_delete_schedule", { p_schedule_id: id });
      session.show({ deleted: id }, () => "deleted");
    }));
}

function addSet(schedules: Command, act: Act): void {
  schedules.command("set <name>")
    .description("create a schedule, or change the given settings of one")
    .addOption(anyTenantOption())
    .option("--every-tenant", "one job for each active tenant, instead of --tenant")
    .option("--expression <cron>", "cron expression with five fields, or `N seconds`")
    .option("--time-zone <zone>", "IANA time zone, such as Europe/Berlin")
    .option("--type <type>", "job type")
    .option("--payload <json>", "job payload, as a JSON object", jsonObject)
    .option("-q, --queue <name>", "queue of the jobs")
    .option("--overlap <policy>", "while the previous job runs: skip or allow")
    .option("--catch-up <policy>", "after missed occurrences: skip, once or all")
    .action(act(set));
}

function addRuns(schedules: Command, act: Act): void {
  schedules.command("run")
    .argument("<schedule>", "schedule ID", uuid)
    .description("start a job of a schedule now, even when it is paused")
    .action(act(async (session, id: string) => {
      const made = await session.rpc<Row>("jobforge_run_schedule", { p_schedule_id: id });
      session.show(made, () => sheet(made));
    }));
  schedules.command("next")
    .argument("<schedule>", "schedule ID", uuid)
    .description("list the next occurrences of a schedule")
    .option("-n, --count <times>", "number of occurrences", integer(1, 100), 5)
    .action(act(async (session, id: string, { count }: { count: number }) => {
      const args = { p_schedule_id: id, p_count: count };
      const times = await session.rpc<string[]>("jobforge_next_occurrences", args);
      session.show(times, () => times.join("\n") || "none");
    }));
}

async function list(session: Session, { tenant }: { tenant?: string }): Promise<void> {
  const rows = await session.rows((api) => {
    const query = api.from("jobforge_schedules").select(LISTED.join(","));
    const shown = tenant ? query.eq("tenant_id", tenant) : query;
    return shown.order("next_at", { ascending: true }).limit(1000);
  });
  session.show(rows, () => table(rows, LISTED));
}

async function set(session: Session, name: string, options: SetOptions): Promise<void> {
  const { tenant, everyTenant, expression, timeZone, type, payload, queue } = options;
  if ((tenant === undefined) === (everyTenant === undefined)) {
    throw new UsageError("give either --tenant or --every-tenant");
  }
  const settings = {
    ...{ expression, time_zone: timeZone, type, payload, queue },
    ...{ overlap: options.overlap, catch_up: options.catchUp },
  };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  await configure(session, name, Object.fromEntries(given), tenant ?? null);
}

async function find(session: Session, id: string): Promise<Row> {
  const [row] = await session.rows((api) =>
    api.from("jobforge_schedules").select("id,tenant_id,name").eq("id", id)
  );
  if (!row) throw new UsageError("there is no such schedule");
  return row;
}

async function configure(session: Session, name: string, settings: Row, tenantId: unknown) {
  const [row] = await session.rpc<Row[]>("jobforge_configure_schedule", {
    ...{ p_tenant_id: tenantId, p_name: name, p_settings: settings },
    p_fan_out: tenantId === null,
  });
  const shown = Object.fromEntries(LISTED.map((column) => [column, row![column]]));
  session.show(shown, () => sheet(shown));
}
