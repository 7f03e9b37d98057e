import type { Command } from "commander";
import { JobForgeError } from "../../shared/core/errors.ts";
import { anyTenantOption, limit, queueOption, tenantOption } from "../arguments.ts";
import type { Act } from "../command.ts";
import type { Session } from "../session.ts";
import { sheet, table } from "../table.ts";

interface QueueOptions {
  tenant: string;
  queue: string;
}

type Limit = number | "none";

interface LimitOptions extends QueueOptions {
  weight?: string;
  maxRunning?: Limit;
  maxQueued?: Limit;
  rateLimit?: Limit;
  ratePeriodMs?: Limit;
  rateBurst?: Limit;
}

const MAX_PAGE = 100;
const SETTINGS = [
  ...["weight", "max_running", "max_queued", "rate_limit", "rate_period_ms", "rate_burst"],
  "paused",
];

type Row = Record<string, unknown>;

async function list(session: Session, tenant: string | undefined): Promise<Row[]> {
  const rows: Row[] = [];
  let page: Row[];
  do {
    page = await session.rpc<Row[]>("jobforge_list_queues", {
      ...{ p_tenant_id: tenant, p_after_id: rows.at(-1)?.id, p_limit: MAX_PAGE },
    });
    rows.push(...page);
  } while (page.length === MAX_PAGE);
  return rows;
}

/** Pauses or resumes a queue that exists. `limits` creates one, and a tenant always has `default`. */
async function pause(session: Session, options: QueueOptions, paused: boolean): Promise<void> {
  const names = (await list(session, options.tenant)).map(({ queue }) => String(queue));
  const present = new Set(["default", ...names]);
  if (!present.has(options.queue)) {
    const message = `this tenant has no queue ${options.queue}: there are ${
      [...present].join(", ")
    }`;
    throw new JobForgeError("not_found", message);
  }
  await configure(session, options, { paused });
}

async function configure(
  session: Session,
  { tenant, queue }: QueueOptions,
  settings: Record<string, unknown>,
): Promise<void> {
  const args = { p_tenant_id: tenant, p_queue: queue, p_settings: settings };
  const [row] = await session.rpc<Row[]>("jobforge_configure_queue", args);
  const names = ["tenant_id", "queue", ...SETTINGS];
  const shown = Object.fromEntries(names.map((name) => [name, row![name]]));
  session.show(shown, () => sheet(shown));
}

/** The commands pause, resume, queues and limits. */
export function queueCommands(program: Command, act: Act): void {
  program.command("pause")
    .description("pause a queue (running jobs continue)")
    .addOption(tenantOption()).addOption(queueOption())
    .action(act((session, options: QueueOptions) => pause(session, options, true)));
  program.command("resume")
    .description("resume a paused queue")
    .addOption(tenantOption()).addOption(queueOption())
    .action(act((session, options: QueueOptions) => pause(session, options, false)));
  program.command("queues")
    .description("list queues with limits and counters")
    .addOption(anyTenantOption())
    .action(act(async (session, { tenant }: { tenant?: string }) => {
      const rows = await list(session, tenant);
      const columns = ["queue", "queued", "running", ...SETTINGS];
      session.show(rows, () => table(rows, tenant ? columns : ["tenant_id", ...columns]));
    }));
  program.command("limits")
    .description("list limits and counters of queues, or change the limits of one queue")
    .addOption(tenantOption()).addOption(queueOption())
    .option("--weight <number>", "share of the workers relative to other queues")
    .option("--max-running <jobs>", "maximum number of running jobs, or none", limit)
    .option("--max-queued <jobs>", "maximum number of queued jobs, or none", limit)
    .option("--rate-limit <starts>", "starts per period, or none", limit)
    .option("--rate-period-ms <ms>", "period in milliseconds", limit)
    .option("--rate-burst <starts>", "starts at once", limit)
    .action(act(async (session, options: LimitOptions) => {
      const { maxRunning, maxQueued, rateLimit, ratePeriodMs, rateBurst } = options;
      const given = {
        ...{ weight: options.weight === undefined ? undefined : Number(options.weight) },
        ...{ max_running: maxRunning, max_queued: maxQueued, rate_limit: rateLimit },
        ...{ rate_period_ms: ratePeriodMs, rate_burst: rateBurst },
      };
      const settings = Object.entries(given)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, value === "none" ? null : value]);
      if (settings.length > 0) {
        return await configure(session, options, Object.fromEntries(settings));
      }
      const rows = await list(session, options.tenant);
      session.show(rows, () => table(rows, ["queue", "queued", "running", ...SETTINGS]));
    }));
}
