import { connect, type Sql } from "../../local/postgres/database.ts";
import { createTestDatabase, type TestDatabase } from "../../local/test/test_database.ts";
import { rowsOf } from "../../shared/core/encoding/columns.ts";

import { expectCount, secondsSince } from "./harness.ts";
import type { Server } from "./server.ts";

/** The payload of every job in every system. */
export const PAYLOAD = { a: 1, b: "hello world small payload" };

/** A job as a claim returns it, as far as a worker needs it here. */
export interface ClaimedJob {
  id: string;
  tenant_id: string;
  lease_token: number;
}

/** JobForge in a database of its own. */
export interface JobForge {
  database: TestDatabase;
  sql: Sql;
  /** A superuser's connection. */
  admin: Sql;
  /** Deletes all jobs, queues and counters. Tenants 1 … 100 then have an empty queue. */
  wipe(): Promise<void>;
  /** Puts jobs of tenants 1 … `tenants` into the tables, with counters to match. */
  fill(tenants: number, jobs: number, status?: "queued" | "succeeded"): Promise<void>;
  close(): Promise<void>;
}

/** Makes a database with JobForge in it. */
export async function openJobForge({ migrations }: Server): Promise<JobForge> {
  const database = await createTestDatabase({ sources: { migrations } });
  const { sql } = database;
  const admin = connect(database.adminUrl);
  await sql.unsafe(await Deno.readTextFile(new URL("../sql/fill.sql", import.meta.url)));
  await sql`update jobforge.settings set max_runs = 100`;
  return {
    database,
    sql,
    admin,
    async wipe() {
      await sql`
        truncate jobforge.jobs, jobforge.ready, jobforge.scheduled, jobforge.quarantined,
          jobforge.unclaimed, jobforge.newcomers, jobforge.leases, jobforge.unsuccessful_jobs,
          jobforge.unsuccessful_attempts, jobforge_job_results, jobforge_queues, jobforge.queues,
          jobforge.queue_deltas, jobforge.queue_slots, jobforge.wakeups, jobforge.parked_queues,
          jobforge.runs, jobforge.outcome_batches restart identity
      `;
      await sql`select jobforge.make_queue(bench.tenant(n), 'default')
        from generate_series(1, 100) as n`;
    },
    async fill(tenants, jobs, status = "queued") {
      await sql`select bench.fill(1, ${tenants}, ${jobs}, ${status})`;
      await analyze(sql);
    },
    async close() {
      await admin.end();
      await database.drop();
    },
  };
}

/** Vacuums and analyzes what claiming and settling read. */
export async function analyze(sql: Sql): Promise<void> {
  for (const table of ["jobs", "ready", "queues", "leases", "queue_deltas", "wakeups"]) {
    await sql.unsafe(`vacuum analyze jobforge.${table}`);
  }
}

/** The id of tenant `number`, as in sql/fill.sql. */
export function tenantId(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
}

/** Enqueues one job through the public function. */
export async function enqueueJob(sql: Sql, tenant: number): Promise<void> {
  await sql`
    select job_id from jobforge_enqueue_job(
      p_tenant_id => ${tenantId(tenant)}, p_type => 'system.noop', p_payload => ${
    sql.json(PAYLOAD)
  })
  `;
}

/** Enqueues a batch through the public function. */
export async function enqueueJobs(
  sql: Sql,
  tenant: number,
  count: number,
  payload: Record<string, string | number> = PAYLOAD,
): Promise<void> {
  const jobs = Array.from({ length: count }, () => ({ type: "system.noop", payload }));
  await sql`select job_id from jobforge_enqueue_jobs(${tenantId(tenant)}, ${sql.json(jobs)})`;
}

/** Starts a run without a ticket. */
export async function startRun(sql: Sql): Promise<string> {
  const [row] = await sql`select run_id from jobforge_start_run(p_capacity => 1000)`;
  return row!.run_id;
}

/** One round trip of a worker: all of `finished` succeeded, `limit` more are wanted. */
export async function settleAndClaim(
  sql: Sql,
  runId: string,
  finished: ClaimedJob[],
  limit: number,
): Promise<ClaimedJob[]> {
  const outcomes = [...new Set(finished.map(({ lease_token }) => lease_token))]
    .map((lease_token) => ({ lease_token }));
  const [row] = await sql`
    select jobforge_settle_and_claim(
      ${runId}, ${sql.json(outcomes)}, ${limit}) as reply
  `;
  expectCount("outcomes that counted", row!.reply.settled, finished.length);
  return rowsOf<ClaimedJob>(row!.reply.jobs);
}

/**
 * Works off `jobs` jobs, up to `batch` at a time on each connection. Each connection has a run for
 * this drain, or the one of `runIds` that goes on. Returns jobs a second.
 */
export async function drain(
  clients: Sql[],
  jobs: number,
  batch: number,
  runIds?: string[],
): Promise<number> {
  const runs = runIds ?? await Promise.all(clients.map(startRun));
  const todo = { jobs };
  const started = performance.now();
  const done = await Promise.all(clients.map((sql, i) => drainOne(sql, runs[i]!, todo, batch)));
  const seconds = secondsSince(started);
  expectCount("jobs drained", done.reduce((sum, count) => sum + count, 0), jobs);
  if (!runIds) await Promise.all(clients.map((sql, i) => finishRun(sql, runs[i]!)));
  return jobs / seconds;
}

async function finishRun(sql: Sql, runId: string): Promise<void> {
  await sql`select jobforge_finish_run(${runId}, 'drained')`;
}

async function drainOne(
  sql: Sql,
  runId: string,
  todo: { jobs: number },
  batch: number,
): Promise<number> {
  let done = 0;
  let held: ClaimedJob[] = [];
  do {
    const wanted = Math.min(batch, todo.jobs);
    todo.jobs -= wanted;
    const settled = held.length;
    held = await settleAndClaim(sql, runId, held, wanted);
    todo.jobs += wanted - held.length;
    done += settled;
  } while (held.length > 0);
  return done;
}

/**
 * Throws unless `jobs` jobs succeeded in one attempt each, `left` are queued, nothing else is there,
 * and the counters of all queues say so.
 */
export async function checkDrained({ sql }: JobForge, jobs: number, left = 0): Promise<void> {
  const [row] = await sql`
    select (select count(*)::int from jobforge_jobs where status = 'succeeded') as succeeded,
      (select count(*)::int from jobforge_jobs) as jobs,
      (select count(*)::int from jobforge_job_attempts where outcome = 'succeeded') as attempts,
      (select coalesce(sum(jobforge.queued(q.id)), 0)::int from jobforge.queues as q) as queued,
      (select count(*)::int from jobforge.queues as q
        where jobforge.queued(q.id) < 0 or jobforge.running(q.id) <> 0) as miscounted
  `;
  expectCount("jobs", row!.jobs, jobs + left);
  expectCount("jobs queued", row!.queued, left);
  expectCount("jobs that succeeded", row!.succeeded, jobs);
  expectCount("attempts that succeeded", row!.attempts, jobs);
  expectCount("queues with a wrong counter", row!.miscounted, 0);
}
