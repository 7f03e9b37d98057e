import type { Command } from "commander";
import { limit, queueOption, tenantOption } from "../arguments.ts";
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

const SETTINGS = [
  ...["weight", "max_running", "max_queued", "rate_limit", "rate_period_ms", "rate_burst"],
  "paused",
];

async function configure(
  session: Session,
  { tenant, queue }: QueueOptions,
  settings: Record<string, unknown>,
): Promise<void> {
  const args = { p_tenant_id: tenant, p_queue: queue, p_settings: settings };
  const [row] = await session.rpc<Record<string, unknown>[]>("jobforge_configure_queue", args);
  const names = ["tenant_id", "queue", ...SETTINGS];
  const shown = Object.fromEntries(names.map((name) => [name, row![name]]));
  session.show(shown, () => sheet(shown));
}

/** The commands pause, resume and limits: a tenant's queues. */
export function queueCommands(program: Command, act: Act): void {
  program.command("pause")
    .description("pause a queue (running jobs continue)")
    .addOption(tenantOption()).addOption(queueOption())
    .action(act((session, options: QueueOptions) => configure(session, options, { paused: true })));
  program.command("resume")
    .description("resume a paused queue")
    .addOption(tenantOption()).addOption(queueOption())
    .action(
      act((session, options: QueueOptions) => configure(session, options, { paused: false })),
    );
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
      const args = { p_tenant_id: options.tenant };
      const rows = await session.rpc<Record<string, unknown>[]>("jobforge_list_queues", args);
      session.show(rows, () => table(rows, ["queue", "queued", "running", ...SETTINGS]));
    }));
}
