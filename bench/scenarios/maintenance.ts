import type { Sql } from "../../local/postgres/database.ts";
import type { Bench } from "../harness/bench.ts";
import { expectCount, median, millisecondsOf, secondsSince } from "../harness/harness.ts";
import { type JobForge, openJobForge } from "../harness/jobforge.ts";
import { type Row, targetOf } from "../harness/rows.ts";
import { walBytes } from "./storage.ts";

const QUEUES = 10_000;
const CALLS_PER_DAY = 24 * 60 * 6;

/** What each prune has to delete, as SQL with the number of rows. All of it has expired. */
const BACKLOGS: Record<string, (rows: number) => string> = {
  prune_keys: (rows) => keys(rows, "now() - interval '1 day'"),
  expire_keys: (rows) => keys(rows, "null"),
  prune_received_webhooks: (rows) => `
    insert into public.jobforge_received_webhooks
    select gen_random_uuid(), gen_random_uuid(), 'key-' || n, gen_random_uuid(), now(),
      now() - interval '1 day' from generate_series(1, ${rows}) as n`,
  prune_messages: (rows) => `
    with message as (
      insert into jobforge.webhook_messages (tenant_id, id, event_type, data, created_at)
      select gen_random_uuid(), ('018f0000' || right(gen_random_uuid()::text, 28))::uuid,
        'order.paid', '{"id": 7}', now() from generate_series(1, ${rows}) returning tenant_id, id)
    insert into jobforge.webhook_deliveries (tenant_id, destination_id, job_id, message_id)
    select tenant_id, gen_random_uuid(), gen_random_uuid(), id from message`,
  prune_runs: (rows) => `
    insert into jobforge.runs (state, created_at, ended_at, call_slot, request_id, answered_at)
    select 'finished', now(), now() - interval '8 days', n, n, now()
    from generate_series(1, ${rows}) as n`,
  prune_cron_history: (rows) => `
    insert into cron.job_run_details (runid, jobid, start_time, end_time, status, return_message)
    select n, (select min(jobid) from cron.job), now() - interval '2 days',
      now() - interval '2 days', 'succeeded', '1 row' from generate_series(1, ${rows}) as n`,
  prune_metrics: (rows) => `
    insert into jobforge.metrics_by_minute
    select 1 + n % 200, date_trunc('minute', now()) - interval '20 days' + n / 200 * interval '1 minute',
      'type', 1, 1, 0, 0, 0, 0, array_fill(1::bigint, array[16]), 1,
      array_fill(1::bigint, array[16]), 1 from generate_series(1, ${rows}) as n`,
  seal_audit: (rows) => `
    select count(jobforge.audit('change', gen_random_uuid(), 'target', '{"a": 1}'))
    from generate_series(1, ${rows / 10}) as n`,
  prune_audit: () => "update jobforge.settings set retention_audit_days = 1",
  delete_expired_jobs: (rows) => `select bench.fill(1, 100, ${rows}, 'succeeded')`,
};

function keys(rows: number, expiresAt: string): string {
  return `
    insert into jobforge.idempotency_keys (tenant_id, type, key, request_hash, job_id, expires_at)
    select gen_random_uuid(), 'type', 'key ' || n, sha256('payload'), gen_random_uuid(), ${expiresAt}
    from generate_series(1, ${rows}) as n`;
}

/** The dispatcher at 10,000 queues, the rows a second of each prune, and what idling costs. */
export async function maintenanceRows(bench: Bench): Promise<Row[]> {
  const jobforge = await openJobForge(bench.server);
  const { sql } = jobforge;
  try {
    await sql`select from jobforge_setup('http://127.0.0.1:9', 4)`;
    const rows = [await idleRow(sql), ...await dispatcherRows(jobforge)];
    for (const [task, backlog] of Object.entries(BACKLOGS)) {
      await jobforge.admin.unsafe(backlog(bench.size(200_000, 50_000)));
      await jobforge.admin`vacuum analyze`;
      rows.push(await pruneRow(sql, task));
    }
    return [...rows, await boundRow(sql)];
  } finally {
    await jobforge.close();
  }
}

async function dispatcherRows({ sql, fill, wipe }: JobForge): Promise<Row[]> {
  const row = async (what: string): Promise<Row> => {
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      await sql`delete from jobforge.runs`;
      times.push(await millisecondsOf(() => sql`select jobforge_dispatch()`));
    }
    const work = `dispatcher, ${QUEUES.toLocaleString("en")} queues that ${what}`;
    const note = "median of 20, each with the calls of max_runs 4";
    return { work, measured: median(times), unit: "ms", ...targetOf({ atMost: 50 }), note };
  };
  await fill(QUEUES, QUEUES);
  const ready = await row("have a job each");
  await sql`truncate jobforge.ready, jobforge.jobs`;
  const empty = await row("are empty and not parked yet");
  await wipe();
  return [ready, empty];
}

async function pruneRow(sql: Sql, task: string): Promise<Row> {
  // In two days even what was written just now has expired.
  const later = task === "prune_audit" || task === "delete_expired_jobs" ? "1000 days" : "0";
  const started = performance.now();
  let rows = 0;
  let slowest = 0;
  for (let more = true; more;) {
    const turn = await millisecondsOf(async () => {
      const [done] = await sql`
        select (turn.result).* from (
          select jobforge.run_task(${task}, clock_timestamp() + ${later}::interval) as result
        ) as turn`;
      rows += Number(done!.row_count);
      more = done!.more;
    });
    slowest = Math.max(slowest, turn);
  }
  const note = `${rows.toLocaleString("en")} rows, the slowest turn took ${Math.round(slowest)} ms`;
  const measured = rows / secondsSince(started);
  return { work: task, measured, unit: "rows/s", ...targetOf({ atLeast: 1000 }), note };
}

async function boundRow(sql: Sql): Promise<Row> {
  await sql`delete from jobforge.metrics_by_minute`;
  await sql.unsafe(`
    insert into jobforge.metrics_by_minute
    select n % ${QUEUES} + 1, date_trunc('minute', now()) - interval '5 minutes', 'type ' || n / ${QUEUES},
      1, 1, 0, 0, 0, 0, array_fill(1::bigint, array[16]), 1, array_fill(1::bigint, array[16]), 1
    from generate_series(0, ${3 * QUEUES - 1}) as n`);
  await sql`analyze jobforge.metrics_by_minute`;
  const measured = await millisecondsOf(() =>
    sql`select jobforge.run_task('bound_metrics', now())`
  );
  const [left] = await sql`select count(*)::int as rows from jobforge.metrics_by_minute`;
  expectCount("rows left of the minute", left!.rows, 201);
  const work = "bound_metrics, a minute of 10,000 tenants × 3 types";
  return { work, measured, unit: "ms", ...targetOf({ atMost: 2000 }), note: "201 rows are left" };
}

/** An hour of calls to maintain, each ten seconds after the one before. */
async function idleRow(sql: Sql): Promise<Row> {
  const calls = 360;
  const times: number[] = [];
  let wal = 0;
  for (let i = 0; i < calls; i++) {
    await sql`
      update jobforge.maintenance_tasks set next_at = next_at - interval '10 seconds'
      where name <> 'dispatch'`;
    wal += await walBytes(sql, async () => {
      times.push(await millisecondsOf(() => sql`call jobforge.maintain()`));
    });
  }
  const mean = times.reduce((sum, ms) => sum + ms, 0) / calls;
  const note = `an hour of calls; ${Math.round(mean * CALLS_PER_DAY / 1000)} s a day`;
  const measured = wal / calls * CALLS_PER_DAY / 1e6;
  return { work: "maintenance of an idle project: WAL per day", measured, unit: "MB", note };
}
