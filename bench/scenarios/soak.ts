import type { Sql } from "../../local/postgres/database.ts";
import { rowsOf } from "../../shared/core/encoding/columns.ts";
import type { Bench } from "../harness/bench.ts";
import { expectCount, report } from "../harness/harness.ts";
import {
  type ClaimedJob,
  enqueueJobs,
  type JobForge,
  openJobForge,
  startRun,
  tenantId,
} from "../harness/jobforge.ts";
import { type Row, targetOf } from "../harness/rows.ts";
import { pin } from "./storage.ts";

const TENANTS = 100;
const SECOND_MS = 1_000;
/** Enqueued in a second: 500,000 in half an hour. */
const JOBS_A_SECOND = 280;
const BATCH = 100;
/** Tables whose rows live for milliseconds. */
const SHORT_LIVED = ["ready", "scheduled", "leases", "queue_deltas", "wakeups", "parked_queues"];

/** What is looked at when the load has gone on for a while. */
interface Sample {
  /** Bytes of the short-lived tables with their indexes. */
  bytes: number;
  deadRows: number;
  /** Bytes of memory of the server's processes that no other process has. */
  memory: number;
}

/**
 * Half an hour of steady load with faults: errors that are retried, failures, cancelled and delayed
 * jobs, and an old snapshot that is held for the middle third.
 */
export async function soakRows(bench: Bench): Promise<Row[]> {
  const seconds = bench.size(1_800, 60);
  const jobforge = await openJobForge(bench.server);
  const [worker, observer] = await jobforge.database.open(2);
  try {
    await jobforge.wipe();
    const run = await startRun(worker!);
    const samples: Sample[] = [];
    let unpin: (() => Promise<void>) | undefined;
    for (let second = 0; second < seconds; second++) {
      const due = performance.now() + SECOND_MS;
      if (second === Math.floor(seconds / 3)) unpin = await pin(jobforge);
      if (second === Math.floor(seconds * 2 / 3)) await unpin?.();
      await oneSecond(jobforge, worker!, run, second);
      if (second % Math.ceil(seconds / 12) === 0) samples.push(await sample(jobforge, observer!));
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    }
    while (await work(worker!, run, seconds) > 0);
    await checkAll(jobforge.sql, seconds);
    return rowsOfSoak(samples, seconds);
  } finally {
    await jobforge.close();
  }
}

async function oneSecond(
  { sql }: JobForge,
  worker: Sql,
  run: string,
  second: number,
): Promise<void> {
  await enqueueJobs(sql, 1 + second % TENANTS, JOBS_A_SECOND - 3);
  const tenant = tenantId(1 + second % TENANTS);
  await sql`
    select job_id from jobforge_enqueue_job(${tenant}, 'system.noop', p_run_at => now() + '3 s')`;
  await sql`
    select jobforge_cancel_job(job_id, ${tenant})
    from jobforge_enqueue_job(${tenant}, 'system.noop', p_run_at => now() + '1 day')`;
  await enqueueJobs(sql, 1 + (second + 1) % TENANTS, 1);
  while (await work(worker, run, second) > 0);
  if (second % 10 === 0) await sql`select jobforge_dispatch()`;
  if (second % 60 === 0) await sql`call jobforge.maintain()`;
}

/** Claims a batch and ends it: a few jobs fail, others are retried. Returns how many there were. */
async function work(worker: Sql, run: string, second: number): Promise<number> {
  const claimed = await settle(worker, run, [], BATCH);
  const outcomes = claimed.map(({ id, lease_token }, index) => {
    const fails = (index + second) % 50;
    if (fails === 0) return { id, lease_token, outcome: "errored", retry_after_ms: 2_000 };
    return { id, lease_token, outcome: fails === 1 ? "failed" : "succeeded" };
  });
  if (claimed.length > 0) await settle(worker, run, outcomes, 0);
  return claimed.length;
}

async function settle(sql: Sql, run: string, outcomes: object[], limit: number) {
  const [row] = await sql`
    select jobforge_settle_and_claim(${run}, ${sql.json(outcomes as never)}, ${limit}) as reply`;
  return rowsOf<ClaimedJob>(row!.reply.jobs);
}

async function sample({ sql }: JobForge, observer: Sql): Promise<Sample> {
  const [row] = await sql`
    select sum(pg_total_relation_size(relid))::float8 as bytes, sum(n_dead_tup)::int as dead
    from pg_stat_user_tables where schemaname = 'jobforge' and relname = any (${SHORT_LIVED})`;
  const processes = await observer`select pid from pg_stat_activity`;
  const memory = await memoryOf(processes.map(({ pid }) => pid));
  report(`soak: ${row!.bytes / 1024} kB, ${row!.dead} dead rows, ${memory / 1024} kB of memory`);
  return { bytes: row!.bytes, deadRows: row!.dead, memory };
}

/** Deno itself may not read /proc without all permissions. */
async function memoryOf(pids: number[]): Promise<number> {
  const args = pids.map((pid) => `/proc/${pid}/status`);
  const { stdout } = await new Deno.Command("cat", { args, stderr: "null" }).output();
  const found = new TextDecoder().decode(stdout).matchAll(/RssAnon:\s+(\d+) kB/g);
  return found.reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0);
}

/** Throws unless every job ended, or waits for a retry, and the counters say so. */
async function checkAll(sql: Sql, seconds: number): Promise<void> {
  const [row] = await sql`
    select count(*)::int as jobs, count(*) filter (where status = 'running')::int as running
    from jobforge_jobs`;
  expectCount("jobs", row!.jobs, seconds * JOBS_A_SECOND);
  expectCount("jobs that run", row!.running, 0);
  const [queues] = await sql`
    select count(*)::int as miscounted from jobforge.queues as q
    where jobforge.running(q.id) <> 0 or jobforge.queued(q.id) < 0`;
  expectCount("queues with a wrong counter", queues!.miscounted, 0);
}

function rowsOfSoak(samples: Sample[], seconds: number): Row[] {
  // By the last quarter a vacuum has come since the snapshot was released.
  const quarter = Math.floor(samples.length / 4);
  const most = (of: Sample[], what: keyof Sample) => Math.max(...of.map((each) => each[what]));
  const first = samples.slice(0, quarter);
  const last = samples.slice(-quarter);
  const row = (what: keyof Sample, words: string): Row => ({
    work: `soak: ${words}, last quarter of the first`,
    measured: most(last, what) / Math.max(1, most(first, what)),
    unit: "×",
    ...targetOf({ atMost: 2 }),
    note:
      `${(seconds * JOBS_A_SECOND).toLocaleString("en")} jobs in ${
        Math.round(seconds / 60)
      } min; ` +
      `most: first ${most(first, what).toLocaleString("en")}, all ` +
      `${most(samples, what).toLocaleString("en")}, last ${most(last, what).toLocaleString("en")}`,
  });
  return [
    row("bytes", "bytes of the short-lived tables"),
    row("deadRows", "dead rows in them"),
    row("memory", "memory of the server's processes"),
  ];
}
