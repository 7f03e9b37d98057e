import { DEMO_TENANTS } from "../../local/dev/tenants.ts";
import type { Stack } from "../../local/stack/stack.ts";
import { userClient } from "./enqueue.ts";

const TABLES = [
  "jobforge_jobs",
  "jobforge_job_attempts",
  "jobforge_job_results",
  "jobforge_queues",
  "jobforge_audit_log",
] as const;

/** One thing a tenant tried against another, and whether it was stopped. */
export interface Attempt {
  what: string;
  stopped: boolean;
  answer: string;
}

/** As a user of acme, tries to read and change what belongs to globex. */
export async function tryToCross(stack: Stack, foreignJobId: string): Promise<Attempt[]> {
  const acme = await userClient(stack, DEMO_TENANTS.acme);
  const attempts: Attempt[] = [];
  for (const table of TABLES) {
    const { data, error } = await acme.from(table).select("*").neq("tenant_id", DEMO_TENANTS.acme);
    const answer = error?.message ?? `${data?.length} rows`;
    attempts.push({ what: `read ${table} of others`, stopped: data?.length === 0, answer });
  }
  const calls = [
    ["enqueue for globex", "jobforge_enqueue_job", {
      p_tenant_id: DEMO_TENANTS.globex,
      p_type: "x",
    }],
    ["cancel globex's job", "jobforge_cancel_job", { p_job_id: foreignJobId }],
    ["retry globex's job", "jobforge_retry_job", { p_job_id: foreignJobId }],
    ["claim jobs as a worker", "jobforge_start_run", {}],
    ["raise its own limits", "jobforge_configure_queue", {
      p_tenant_id: DEMO_TENANTS.acme,
      p_settings: { weight: 1000 },
    }],
  ] as const;
  for (const [what, name, args] of calls) {
    const { error } = await acme.rpc(name, args);
    attempts.push({ what, stopped: error !== null, answer: error?.code ?? "accepted" });
  }
  const { error } = await acme.from("jobforge_jobs").update({ priority: -100 })
    .eq("tenant_id", DEMO_TENANTS.acme);
  attempts.push({
    what: "update its own jobs directly",
    stopped: error !== null,
    answer: error?.code ?? "accepted",
  });
  return attempts;
}
