import { DEMO_TENANTS } from "../../local/dev/tenants.ts";
import type { Sql } from "../../local/postgres/database.ts";

/** How a tenant's jobs ended. Latencies are milliseconds from ready to started. */
export interface TenantReport {
  tenant: string;
  succeeded: number;
  failed: number;
  dead: number;
  /** Jobs that needed more than one attempt. */
  retried: number;
  start_p50: number;
  start_p95: number;
}

/** How many jobs of each tenant have ended, by tenant name. */
export async function endedJobs(sql: Sql): Promise<Record<string, number>> {
  const rows = await sql`
    select tenant_id, count(*) filter (where finished_at is not null)::int as ended
    from jobforge_jobs group by tenant_id
  `;
  return Object.fromEntries(rows.map((row) => [nameOf(row.tenant_id), row.ended]));
}

/** The latest progress of a running job, if one reports any. */
export async function latestProgress(sql: Sql): Promise<unknown> {
  const [row] = await sql`
    select progress from jobforge_jobs where status = 'running' and progress is not null limit 1
  `;
  return row?.progress;
}

/** One row per tenant, from the tables. */
export async function tenantReports(sql: Sql): Promise<TenantReport[]> {
  const rows = await sql`
    select j.tenant_id,
      count(*) filter (where j.status = 'succeeded')::int as succeeded,
      count(*) filter (where j.status = 'failed')::int as failed,
      count(*) filter (where j.status = 'dead')::int as dead,
      count(*) filter (where j.attempts > 1)::int as retried,
      percentile_cont(array[0.5, 0.95]) within group (
        order by extract(epoch from a.started_at - j.created_at) * 1000) as latency
    from jobforge_jobs as j
    join jobforge_job_attempts as a
      on a.tenant_id = j.tenant_id and a.job_id = j.id and a.attempt_no = 1
    group by j.tenant_id
  `;
  return rows.map(({ tenant_id, latency, ...counts }) => ({
    tenant: nameOf(tenant_id),
    ...counts as Omit<TenantReport, "tenant" | "start_p50" | "start_p95">,
    start_p50: Math.round(latency[0]),
    start_p95: Math.round(latency[1]),
  })).sort((a, b) => a.tenant.localeCompare(b.tenant));
}

/** Ended jobs per second between the first start and the last end. */
export async function jobsPerSecond(sql: Sql): Promise<number> {
  const [row] = await sql`
    select count(*) / extract(epoch from max(finished_at) - min(created_at)) as rate
    from jobforge_jobs where finished_at is not null
  `;
  return Math.round(Number(row!.rate));
}

/** Rows as aligned columns, numbers to the right. */
export function table<Row extends object>(rows: Row[]): string {
  const names = Object.keys(rows[0] ?? {}) as (keyof Row & string)[];
  const widths = names.map((name) =>
    Math.max(name.length, ...rows.map((row) => String(row[name]).length))
  );
  const line = (cells: unknown[]) =>
    cells.map((cell, i) =>
      typeof cell === "number" ? String(cell).padStart(widths[i]!) : String(cell).padEnd(widths[i]!)
    ).join("  ").trimEnd();
  return [line(names), ...rows.map((row) => line(names.map((name) => row[name])))].join("\n");
}

function nameOf(tenantId: string): string {
  return Object.entries(DEMO_TENANTS).find(([, id]) => id === tenantId)?.[0] ?? tenantId;
}
