import { type Stack, startStack } from "../../local/stack/stack.ts";
import type { Sql } from "../../local/postgres/database.ts";
import type { Bench } from "../harness/bench.ts";
import { callsPerSecond, expectCount, median, millisecondsOf } from "../harness/harness.ts";
import { enqueuer } from "./http_enqueue.ts";
import {
  checkDrained,
  enqueueJob,
  enqueueJobs,
  type JobForge,
  openJobForge,
} from "../harness/jobforge.ts";
import type { Row } from "../harness/rows.ts";
import { walBytes } from "./storage.ts";
import { cpuMsOf, drainByWorker, untilIdle } from "../harness/worker.ts";

const TENANTS = 100;
const DISPATCHES_PER_DAY = 24 * 60 * 6;

/** What a bill is made of: invocations, CPU of the worker, round trips, write-ahead log. */
export async function costRows(bench: Bench): Promise<Row[]> {
  const jobforge = await openJobForge(bench.server);
  const stack = await startStack({ database: jobforge.database });
  try {
    await stack.startFunctions();
    await jobforge.sql`select from jobforge_setup(${stack.url}, 1)`;
    return [
      ...await enqueueCosts(jobforge),
      ...await bulkCosts(bench, jobforge, stack),
      ...await trickleCosts(bench, jobforge, stack),
      ...await idleCosts(jobforge),
    ];
  } finally {
    await stack.stop();
    await jobforge.close();
  }
}

function cost(work: string, measured: number, unit: string, note: string): Row {
  return { work: `cost: ${work}`, measured, unit, note };
}

async function enqueueCosts({ sql, ...jobforge }: JobForge): Promise<Row[]> {
  await sql`update jobforge.settings set project_url = null`;
  const single = () => callsPerSecond([sql], 1000, (each, i) => enqueueJob(each, 1 + i % TENANTS));
  const batch = () => enqueueJobs(sql, 1, 1000);
  await single();
  await batch();
  const rows = [
    cost(
      "WAL of 1,000 enqueues one by one",
      await walBytes(sql, single) / 1000,
      "kB",
      "1,000 RPCs",
    ),
    cost("WAL of a batch of 1,000", await walBytes(sql, batch) / 1000, "kB", "1 RPC"),
  ];
  await jobforge.wipe();
  return rows;
}

/** Many jobs at once: the batches are full. */
async function bulkCosts(bench: Bench, jobforge: JobForge, stack: Stack): Promise<Row[]> {
  const { sql } = jobforge;
  const jobs = bench.size(20_000, 5_000);
  const thousands = jobs / 1000;
  await sql`update jobforge.settings set project_url = ${stack.url}`;
  let wal = 0;
  let cpu = 0;
  for (let round = 0; round < 2; round++) {
    await untilIdle(sql);
    await jobforge.wipe();
    await jobforge.fill(TENANTS, jobs);
    cpu = -await cpuMsOf(stack, "worker");
    wal = await walBytes(sql, () => drainByWorker(sql, jobs));
    cpu += await cpuMsOf(stack, "worker");
  }
  await checkDrained(jobforge, jobs);
  await untilIdle(sql);
  const { runs, calls, busyMs } = await lastRuns(sql, stack);
  const note = `${jobs.toLocaleString("en")} no-op jobs at once`;
  return [
    cost("invocations per 1,000 jobs", runs / thousands, "", note),
    cost("RPCs of the worker per 1,000 jobs", calls / thousands, "", note),
    cost("CPU of the worker per 1,000 jobs", cpu / thousands, "ms", `${note}; the whole process`),
    cost(
      "CPU the worker reports per 1,000 jobs",
      busyMs / thousands,
      "ms",
      `${note}; its own turns`,
    ),
    cost("WAL of claim and settle per 1,000 jobs", wal / thousands / 1000, "kB", note),
  ];
}

/** One job now and then: each wakes a run of its own, which stays for a second and a half. */
async function trickleCosts(bench: Bench, jobforge: JobForge, stack: Stack): Promise<Row[]> {
  const { sql } = jobforge;
  const jobs = bench.size(20, 5);
  const enqueue = await enqueuer(stack, 1, "rest");
  await untilIdle(sql);
  await jobforge.wipe();
  const before = await cpuMsOf(stack, "worker");
  for (let i = 0; i < jobs; i++) {
    await enqueue();
    await untilIdle(sql);
  }
  const cpu = await cpuMsOf(stack, "worker") - before;
  await checkDrained(jobforge, jobs);
  const { runs, calls } = await lastRuns(sql, stack);
  const note = `${jobs} no-op jobs, each on an idle system`;
  return [
    cost("invocations per job on its own", runs / jobs, "", note),
    cost("RPCs of the worker per job on its own", calls / jobs, "", note),
    cost("CPU of the worker per job on its own", cpu / jobs, "ms", note),
  ];
}

/** Runs since the last wipe, and the round trips they report: start_run does not count itself. */
async function lastRuns(
  sql: Sql,
  stack: Stack,
): Promise<{ runs: number; calls: number; busyMs: number }> {
  const [row] = await sql`
    select count(*)::int as runs, coalesce(sum(cpu_ms), 0)::int as busy_ms from jobforge.runs
  `;
  const finished = stack.logs("worker").filter((line) => line.includes('"run_finished"'));
  const reported = finished.slice(-row!.runs).map((line) => JSON.parse(line).calls as number);
  expectCount("runs in the log of the worker", reported.length, row!.runs);
  const calls = reported.reduce((sum, count) => sum + count + 1, 0);
  return { runs: row!.runs, calls, busyMs: row!.busy_ms };
}

/** Nothing to do: the dispatcher checks, and calls no worker. */
async function idleCosts({ sql }: JobForge): Promise<Row[]> {
  await untilIdle(sql);
  const [before] = await sql`select count(*)::int as runs from jobforge.runs`;
  const dispatch = () => sql`select jobforge_dispatch()`;
  await dispatch();
  const times: number[] = [];
  const wal = await walBytes(sql, async () => {
    for (let i = 0; i < 200; i++) times.push(await millisecondsOf(dispatch));
  });
  const [after] = await sql`select count(*)::int as runs from jobforge.runs`;
  const note = `200 dispatches in a row; ${DISPATCHES_PER_DAY.toLocaleString("en")} a day`;
  return [
    cost("calls of the worker while idle", after!.runs - before!.runs, "", note),
    cost("time of dispatches per day", median(times) * DISPATCHES_PER_DAY / 1000, "s", note),
    cost("WAL of dispatches per day", wal / 200 * DISPATCHES_PER_DAY / 1e6, "MB", note),
  ];
}
