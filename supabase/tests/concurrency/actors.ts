import type { Sql } from "../../../local/postgres/database.ts";
import { rowsOf } from "../../../shared/core/encoding/columns.ts";

/** A job as a claim returns it. */
export interface ClaimedJob {
  id: string;
  tenant_id: string;
  lease_token: number;
  attempt: number;
}

/** What a worker reports about an attempt. */
export interface Outcome {
  id: string;
  lease_token: number;
  outcome: "succeeded" | "errored" | "failed" | "released";
  result?: unknown;
  retry_after_ms?: number;
}

/** Reply of jobforge_settle_and_claim. */
export interface Reply {
  settled: number;
  stale: string[];
  jobs: ClaimedJob[];
}

/** Enqueues `count` jobs of type `test` in one batch. */
export async function enqueue(sql: Sql, tenantId: string, count = 1, options = {}): Promise<void> {
  const jobs = Array.from({ length: count }, () => ({ type: "test", ...options }));
  await sql`select count(*) from jobforge_enqueue_jobs(${tenantId}, ${sql.json(jobs)})`;
}

/** Starts a run without a ticket and returns its id. Lets a hundred runs live at once. */
export async function startRun(sql: Sql): Promise<string> {
  await sql`update jobforge.settings set max_runs = 100 where max_runs < 100`;
  const [row] = await sql`select run_id from jobforge_start_run(p_capacity => 1000)`;
  return row!.run_id;
}

/** Reports outcomes and claims up to `limit` jobs. */
export async function settleAndClaim(
  sql: Sql,
  runId: string,
  outcomes: Outcome[],
  limit: number,
): Promise<Reply> {
  const [row] = await sql`
    select jobforge_settle_and_claim(${runId}, ${sql.json(outcomes as never)}, ${limit}) as reply
  `;
  return { ...row!.reply, jobs: rowsOf(row!.reply.jobs) };
}

/** The outcome of a job that went well. */
export function succeeded(job: ClaimedJob): Outcome {
  return { id: job.id, lease_token: job.lease_token, outcome: "succeeded", result: { ok: true } };
}

/** Performs every maintenance task now, due or not. */
export async function maintain(sql: Sql): Promise<void> {
  await sql`update jobforge.maintenance_tasks set next_at = '-infinity' where name <> 'dispatch'`;
  await sql`call jobforge.maintain()`;
}

/** Jobs by status, for example `{ succeeded: 20 }`. */
export async function countByStatus(sql: Sql): Promise<Record<string, number>> {
  const rows = await sql`select status, count(*)::int as count from jobforge_jobs group by status`;
  return Object.fromEntries(rows.map((row) => [row.status, row.count]));
}

/** Makes the default queue of a tenant, as its first claim would. */
export async function makeQueue(sql: Sql, tenantId: string, settings = {}): Promise<void> {
  await sql`select from jobforge_configure_queue(${tenantId}, 'default', ${sql.json(settings)})`;
}

/** Queues whose counters differ from a count of their rows. */
export async function miscounted(sql: Sql): Promise<unknown[]> {
  const rows = await sql`
    select q.queue, jobforge.queued(q.id) as queued, jobforge.running(q.id) as running, c.*
    from jobforge.queues as q, lateral (
      select count(*) filter (where j.status in ('scheduled', 'queued')) as queued_rows,
        count(*) filter (where j.status = 'running') as running_rows
      from jobforge_jobs as j join jobforge.jobs as body using (tenant_id, id)
      where body.queue_id = q.id
    ) as c
    where jobforge.queued(q.id) <> c.queued_rows or jobforge.running(q.id) <> c.running_rows
  `;
  return [...rows];
}

/** Resolves when the backend with this id waits for a lock. Rejects after ten seconds. */
export async function untilBlocked(sql: Sql, pid: number): Promise<void> {
  for (let i = 0; i < 500; i++) {
    const [row] = await sql`
      select from pg_stat_activity where pid = ${pid} and wait_event_type = 'Lock'
    `;
    if (row) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`connection ${pid} did not come to wait for a lock`);
}

/** The id of the backend behind a connection. */
export async function backendPid(sql: Sql): Promise<number> {
  const [row] = await sql`select pg_backend_pid() as pid`;
  return row!.pid;
}
