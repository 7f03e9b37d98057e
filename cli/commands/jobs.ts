import type { Command } from "commander";
import { JobForgeError } from "../../shared/core/errors.ts";
import { tenantOption, uuid, whole } from "../arguments.ts";
import type { Act } from "../command.ts";
import { sheet, table } from "../table.ts";

interface ListOptions {
  tenant: string;
  status?: string;
  type?: string;
  queue?: string;
  before?: string;
  limit: number;
}

const LISTED = "id,type,queue,status,attempts,max_attempts,run_at,last_error";
const SHOWN = "id,tenant_id,type,queue,status,priority,attempts,max_attempts,run_at,created_at," +
  "started_at,finished_at,timeout_ms,lease_expiries,cancel_requested_at,progress,last_error,run_id," +
  "created_by,traceparent";

/** list, show and explain: single jobs. */
export function jobCommands(program: Command, act: Act): void {
  program.command("list")
    .description("jobs of a tenant, newest first")
    .addOption(tenantOption())
    .option("-s, --status <status>", "queued, running, succeeded, failed, dead or canceled")
    .option("--type <type>", "of one type")
    .option("-q, --queue <name>", "of one queue")
    .option("--before <job>", "older than this one: the last id of the page before", uuid)
    .option("-n, --limit <jobs>", "at most so many", whole(1, 1000), 50)
    .action(act(async (session, options: ListOptions) => {
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
      session.show(
        jobs,
        () => table(rows, ["id", "type", "queue", "status", "attempts", "run_at", "error"]),
      );
    }));

  program.command("show <job>")
    .description("a job and its attempts")
    .addOption(tenantOption())
    .option("--payload", "its payload and result, too: they are the tenant's data")
    .action(act(async (session, id: string, options: { tenant: string; payload?: boolean }) => {
      const { tenant: tenantId, payload } = options;
      const columns = payload ? `${SHOWN},payload` : SHOWN;
      const [job] = await session.rows((api) =>
        api.from("jobforge_jobs").select(columns).eq("tenant_id", tenantId).eq("id", uuid(id))
      );
      if (!job) throw new JobForgeError("not_found", "the tenant has no such job");
      const attempts = await session.rows((api) =>
        api.from("jobforge_job_attempts")
          .select("attempt_no,outcome,started_at,finished_at,run_id,error")
          .eq("tenant_id", tenantId).eq("job_id", id).order("attempt_no", { ascending: true })
      );
      const [kept] = payload
        ? await session.rows((api) =>
          api.from("jobforge_job_results").select("result").eq("tenant_id", tenantId)
            .eq("job_id", id)
        )
        : [];
      const data = { ...job, ...(kept ? { result: kept.result } : {}), attempts_made: attempts };
      const made = ["attempt_no", "outcome", "started_at", "finished_at", "run_id", "error"];
      session.show(data, () => {
        const { attempts_made: _, ...facts } = data;
        return `${sheet(facts)}\n\nAttempts\n${table(attempts, made)}`;
      });
    }));

  program.command("explain <job>")
    .description("why a job is not running, and when it could")
    .addOption(tenantOption())
    .action(act(async (session, id: string, { tenant }: { tenant: string }) => {
      const args = { p_job_id: uuid(id), p_tenant_id: tenant };
      const why = await session.rpc<Record<string, unknown>>("jobforge_explain_job", args);
      session.show(why, () => sheet(why));
    }));
}
