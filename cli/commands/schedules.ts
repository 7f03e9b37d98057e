import type { Command } from "commander";
import { anyTenantOption, jsonObject, uuid, whole } from "../arguments.ts";
import type { Act } from "../command.ts";
import { type Session, UsageError } from "../session.ts";
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

async function find(session: Session, id: string): Promise<Row> {
  const [row] = await session.rows((api) =>
    api.from("jobforge_schedules").select("id,tenant_id,name").eq("id", uuid(id))
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

/** schedules: recurring jobs. */
export function scheduleCommands(program: Command, act: Act): void {
  const schedules = program.command("schedules").description("recurring jobs");
  schedules.command("list")
    .addOption(anyTenantOption())
    .action(act(async (session, { tenant }: { tenant?: string }) => {
      const rows = await session.rows((api) => {
        const query = api.from("jobforge_schedules").select(LISTED.join(","));
        const shown = tenant ? query.eq("tenant_id", tenant) : query;
        return shown.order("next_at", { ascending: true }).limit(1000);
      });
      session.show(rows, () => table(rows, LISTED));
    }));
  schedules.command("set <name>")
    .description("make a schedule, or change what is given")
    .addOption(anyTenantOption())
    .option("--every-tenant", "one job for each active tenant, instead of --tenant")
    .option("--expression <cron>", "five fields of cron, or `N seconds`")
    .option("--time-zone <zone>", "such as Europe/Berlin")
    .option("--type <type>", "of the jobs it makes")
    .option("--payload <json>", "of the jobs it makes", jsonObject)
    .option("-q, --queue <name>", "of the jobs it makes")
    .option("--overlap <policy>", "skip or allow")
    .option("--catch-up <policy>", "skip, once or all")
    .action(act(async (session, name: string, options: SetOptions) => {
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
    }));
  for (const [verb, paused] of [["pause", true], ["resume", false]] as const) {
    schedules.command(`${verb} <schedule>`)
      .action(act(async (session, id: string) => {
        const { name, tenant_id } = await find(session, id);
        await configure(session, String(name), { paused }, tenant_id);
      }));
  }
  schedules.command("run <schedule>")
    .description("start it now, paused or not")
    .action(act(async (session, id: string) => {
      const args = { p_schedule_id: uuid(id) };
      const made = await session.rpc<Row>("jobforge_run_schedule", args);
      session.show(made, () => sheet(made));
    }));
  schedules.command("next <schedule>")
    .description("its next occurrences")
    .option("-n, --count <times>", "how many", whole(1, 100), 5)
    .action(act(async (session, id: string, { count }: { count: number }) => {
      const args = { p_schedule_id: uuid(id), p_count: count };
      const times = await session.rpc<string[]>("jobforge_next_occurrences", args);
      session.show(times, () => times.join("\n") || "none");
    }));
  schedules.command("delete <schedule>")
    .action(act(async (session, id: string) => {
      await session.rpc("jobforge_delete_schedule", { p_schedule_id: uuid(id) });
      session.show({ deleted: id }, () => "deleted");
    }));
}
