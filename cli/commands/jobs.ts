import { type Command, Option } from "commander";
import { JobForgeError } from "../../shared/core/errors.ts";
import { JOB_STATUSES } from "../../shared/core/job/job_row.ts";
import { anyTenantOption, integer, tenantOption, uuid } from "../arguments.ts";
import type { Act } from "../command.ts";
import type { Session } from "../session.ts";
import { sheet, table } from "../table.ts";

interface ListOptions {
  tenant?: string;
  status?: string;
  type?: string;
  queue?: string;
  before?: string;
  limit: number;
}

interface JobPage {
  jobs: Record<string, unknown>[];
  next: string | null;
}

interface ShowOptions {
  tenant: string;
  payload?: boolean;
}

const LISTED = ["id", "type", "queue", "status", "attempts", "run_at", "error_code"];
const MAX_PAGE = 200;
const SHOWN = "id,tenant_id,type,queue,status,priority,attempts,max_attempts,run_at,created_at," +
  "started_at,finished_at,timeout_ms,lease_expiries,cancel_requested_at,progress,last_error," +
  "created_by,traceparent";
const ATTEMPT = ["attempt_no", "outcome", "started_at", "finished_at", "error"];

/** The commands list, show and explain: single jobs. */
export function jobCommands(program: Command, act: Act): void {
  program.command("list")
    .description("list jobs, newest first")
    .addOption(anyTenantOption())
    .addOption(new Option("-s, --status <status>", "status").choices(JOB_STATUSES))
    .option("--type <type>", "job type")
    .option("-q, --queue <name>", "queue name")
    .option("--before <job>", "only older jobs: the last ID of the previous page", uuid)
    .option("-n, --limit <jobs>", "maximum number of jobs", integer(1, 1000), 50)
    .addHelpText("after", "\nExample: jobforge list --status dead")
    .action(act(list));
  program.command("show")
    .argument("<job>", "job ID", uuid)
    .description("show a job and its attempts")
    .addOption(tenantOption())
    .option("--payload", "include payload and result, which are the tenant's data")
    .action(act(show));
  program.command("explain")
    .argument("<job>", "job ID", uuid)
    .description("explain why a job is not running and when it can start")
    .addOption(tenantOption())
    .action(act(explain));
}

async function list(session: Session, options: ListOptions): Promise<void> {
  const { tenant, status, type, queue, limit } = options;
  const filter = Object.entries({ status, type, queue })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, [value]]);
  const jobs: Record<string, unknown>[] = [];
  let from: string | null = options.before ? idBefore(options.before) : null;
  do {
    const page: JobPage = await session.rpc<JobPage>("jobforge_list_jobs", {
      ...{ p_tenant_id: tenant, p_filter: Object.fromEntries(filter), p_from: from },
      p_limit: Math.min(MAX_PAGE, limit - jobs.length),
    });
    jobs.push(...page.jobs);
    from = page.next;
  } while (from && jobs.length < limit);
  session.show(jobs, () => table(jobs, tenant ? LISTED : ["tenant_id", ...LISTED]));
}

/** Returns the greatest ID before another one. */
function idBefore(id: string): string {
  const before = (BigInt(`0x${id.replaceAll("-", "")}`) - 1n).toString(16).padStart(32, "0");
  return before.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

async function show(session: Session, id: string, options: ShowOptions): Promise<void> {
  const { tenant: tenantId, payload } = options;
  const columns = payload ? `${SHOWN},payload` : SHOWN;
  const [job] = await session.rows((api) =>
    api.from("jobforge_jobs").select(columns).eq("tenant_id", tenantId).eq("id", id)
  );
  if (!job) throw new JobForgeError("not_found", "this tenant has no such job");
  const attempts = await session.rows((api) =>
    api.from("jobforge_job_attempts").select(ATTEMPT.join(","))
      .eq("tenant_id", tenantId).eq("job_id", id).order("attempt_no", { ascending: true })
  );
  const [kept] = payload
    ? await session.rows((api) =>
      api.from("jobforge_job_results").select("result").eq("tenant_id", tenantId).eq("job_id", id)
    )
    : [];
  const data = { ...job, ...(kept ? { result: kept.result } : {}), attempts_made: attempts };
  session.show(data, () => {
    const { attempts_made: _, ...facts } = data;
    return `${sheet(facts)}\n\nAttempts\n${table(attempts, ATTEMPT)}`;
  });
}

async function explain(session: Session, id: string, options: { tenant: string }): Promise<void> {
  const args = { p_job_id: id, p_tenant_id: options.tenant };
  const why = await session.rpc<Record<string, unknown>>("jobforge_explain_job", args);
  session.show(why, () => sheet(why));
}
