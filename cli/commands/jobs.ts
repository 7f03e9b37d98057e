import type { Command } from "commander";
import { JobForgeError } from "../../shared/core/errors.ts";
import { JOB_STATUSES } from "../../shared/core/job/job_row.ts";
import { integer, tenantOption, uuid } from "../arguments.ts";
import type { Act } from "../command.ts";
import type { Session } from "../session.ts";
import { sheet, table } from "../table.ts";

interface ListOptions {
  tenant: string;
  status?: string;
  type?: string;
  queue?: string;
  before?: string;
  limit: number;
}

interface ShowOptions {
  tenant: string;
  payload?: boolean;
}

const LISTED = "id,type,queue,status,attempts,max_attempts,run_at,last_error";
const SHOWN = "id,tenant_id,type,queue,status,priority,attempts,max_attempts,run_at,created_at," +
  "started_at,finished_at,timeout_ms,lease_expiries,cancel_requested_at,progress,last_error," +
  "created_by,traceparent";
const ATTEMPT = ["attempt_no", "outcome", "started_at", "finished_at", "error"];

/** The commands list, show and explain: single jobs. */
export function jobCommands(program: Command, act: Act): void {
  program.command("list")
    .description("list jobs of a tenant, newest first")
    .addOption(tenantOption())
    .option("-s, --status <status>", `status: ${JOB_STATUSES.join(", ")}`)
    .option("--type <type>", "job type")
    .option("-q, --queue <name>", "queue name")
    .option("--before <job>", "only older jobs: the last ID of the previous page", uuid)
    .option("-n, --limit <jobs>", "maximum number of jobs", integer(1, 1000), 50)
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
  const jobs = await session.rows((api) => {
    let query = api.from("jobforge_jobs").select(LISTED).eq("tenant_id", options.tenant);
    for (const name of ["status", "type", "queue"] as const) {
      if (options[name] !== undefined) query = query.eq(name, options[name]);
    }
    if (options.before) query = query.lt("id", options.before);
    return query.order("id", { ascending: false }).limit(options.limit);
  });
  const rows = jobs.map((job) => ({
    ...job,
    error: (job.last_error as { code?: string } | null)?.code,
  }));
  const columns = ["id", "type", "queue", "status", "attempts", "run_at", "error"];
  session.show(jobs, () => table(rows, columns));
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
