import type { Command } from "commander";
import { integer, tenantOption, time, uuid } from "../arguments.ts";
import type { Act } from "../command.ts";
import type { Session } from "../session.ts";
import { UsageError } from "../usage_error.ts";
import { sheet, table } from "../table.ts";

interface BulkOptions {
  tenant: string;
  status?: string[];
  type?: string[];
  queue?: string[];
  errorCode?: string[];
  createdAfter?: string;
  createdBefore?: string;
  limit: number;
  apply?: boolean;
}

interface Changed {
  count: number;
  skipped: number;
  sample: Record<string, unknown>[];
  next: string | null;
}

const PAGE = 1_000;

function filterOf(options: BulkOptions): Record<string, unknown> {
  const { status, type, queue, errorCode, createdAfter, createdBefore } = options;
  const filter = {
    ...{ status, type, queue, error_code: errorCode },
    ...{ created_after: createdAfter, created_before: createdBefore },
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

/** Changes page after page, up to the limit. A dry run unless `--apply` is given. */
async function change(session: Session, name: string, options: BulkOptions): Promise<void> {
  const filter = filterOf(options);
  if (Object.keys(filter).length === 0) {
    throw new UsageError("give a job ID or a filter, such as --status or --type");
  }
  const dryRun = options.apply !== true;
  const total = { dry_run: dryRun, count: 0, skipped: 0 };
  let sample: Record<string, unknown>[] = [];
  let next: string | null = null;
  do {
    const page: Changed = await session.rpc<Changed>(name, {
      ...{ p_tenant_id: options.tenant, p_filter: filter, p_after: next, p_dry_run: dryRun },
      p_limit: Math.min(PAGE, options.limit - total.count),
    });
    total.count += page.count;
    total.skipped += page.skipped;
    if (sample.length === 0) sample = page.sample;
    next = page.next;
    if (next) session.progress(`${total.count} jobs so far …`);
  } while (next && total.count < options.limit);
  const data = { ...total, more: next !== null, sample };
  session.show(data, () => {
    const found = table(sample, ["id", "type", "queue", "status", "error_code", "created_at"]);
    const more = next ? " and more" : "";
    const result = dryRun
      ? `${total.count} jobs${more} match. Nothing was changed. Use --apply to change them.`
      : `${total.count} jobs changed, ${total.skipped} busy jobs skipped.`;
    return `${found}\n\n${result}`;
  });
}

function withFilter(command: Command): Command {
  return command
    .addOption(tenantOption())
    .option("-s, --status <status...>", "filter by status")
    .option("--type <type...>", "filter by job type")
    .option("-q, --queue <name...>", "filter by queue")
    .option("--error-code <code...>", "filter by the code of the last error")
    .option("--created-after <time>", "filter by creation time, from (ISO 8601)", time)
    .option("--created-before <time>", "filter by creation time, before (ISO 8601)", time)
    .option(
      "-n, --limit <jobs>",
      "maximum number of jobs to change",
      integer(1, 10_000_000),
      10_000_000,
    )
    .option("--apply", "change the jobs (default: only list them)");
}

/** The commands retry and cancel: one job, or all jobs that match a filter. */
export function bulkCommands(program: Command, act: Act): void {
  const verbs = {
    retry: "retry a dead, failed or canceled job, or all jobs that match a filter",
    cancel: "cancel a scheduled, queued or running job, or all jobs that match a filter",
  };
  for (const [verb, description] of Object.entries(verbs)) {
    withFilter(program.command(verb).argument("[job]", "job ID", uuid).description(description))
      .action(act(async (session, id: string | undefined, options: BulkOptions) => {
        if (id === undefined) return await change(session, `jobforge_${verb}_jobs`, options);
        if (Object.keys(filterOf(options)).length > 0) {
          throw new UsageError("give a job ID or a filter, not both");
        }
        const args = { p_job_id: id, p_tenant_id: options.tenant };
        const [job] = await session.rpc<Record<string, unknown>[]>(`jobforge_${verb}_job`, args);
        session.show(job, () => sheet(job!));
      }));
  }
}
