import { type Stack, startStack } from "../../local/stack/stack.ts";
import type { Bench } from "../harness/bench.ts";
import { interleave, median, quantile } from "../harness/harness.ts";
import { checkDrained, drain, type JobForge, openJobForge, tenantId } from "../harness/jobforge.ts";
import { enqueuer, functionRow } from "./http_enqueue.ts";
import { ratioRow, type Row, targetOf } from "../harness/rows.ts";
import { cpuMsOf, drainByWorker, untilIdle } from "../harness/worker.ts";

const TENANTS = 100;

/** The worker and the enqueue function on the local stack: gateway, Data API, functions, wake-ups. */
export async function httpRows(bench: Bench): Promise<Row[]> {
  const jobforge = await openJobForge(bench.server);
  const stack = await startStack({ database: jobforge.database });
  try {
    await stack.startFunctions();
    return [
      ...await workerRows(bench, jobforge, stack),
      ...await wakeUpRows(bench, jobforge, stack),
      await functionRow(bench, jobforge, stack),
    ];
  } finally {
    await stack.stop();
    await jobforge.close();
  }
}

async function workerRows(bench: Bench, jobforge: JobForge, stack: Stack): Promise<Row[]> {
  const jobs = bench.size(20_000, 5_000);
  const cpu: number[] = [];
  const clients = await jobforge.database.open(1);
  await jobforge.sql`select from jobforge_setup(${stack.url}, 1)`;
  const prepare = async () => {
    await untilIdle(jobforge.sql);
    await jobforge.wipe();
    await jobforge.fill(TENANTS, jobs);
  };
  const check = () => checkDrained(jobforge, jobs);
  const series = await interleave([
    {
      name: "worker",
      prepare,
      check,
      run: async () => {
        const before = await cpuMsOf(stack, "worker");
        const rate = await drainByWorker(jobforge.sql, jobs);
        cpu.push(1000 * (await cpuMsOf(stack, "worker") - before) / jobs);
        return rate;
      },
    },
    { name: "SQL", prepare, check, run: () => drain(clients, jobs, 100) },
  ], bench.rounds(5, 2));
  const counted = cpu.slice(1);
  return [
    ratioRow(series, {
      work: "worker through HTTP, one run, of direct SQL, one loop × 100",
      cell: "worker",
      of: "SQL",
      atLeast: 0.6,
    }),
    {
      work: "CPU of the worker's process per no-op job",
      measured: median(counted),
      unit: "µs",
      spread: [Math.min(...counted), Math.max(...counted)],
      ...targetOf({ atMost: 20 }),
      note: `${
        jobs.toLocaleString("en")
      } jobs in a run, all threads and garbage collection included`,
    },
  ];
}

/** From the call of the Data API to the start of the job, with no run alive before. */
async function wakeUpRows(bench: Bench, jobforge: JobForge, stack: Stack): Promise<Row[]> {
  const { sql } = jobforge;
  await untilIdle(sql);
  await jobforge.wipe();
  const probes = bench.size(30, 4);
  const enqueue = await enqueuer(stack, 1, "rest");
  const waits: number[] = [];
  for (let probe = -1; probe < probes; probe++) {
    await untilIdle(sql);
    const sent = Date.now();
    const jobId = await enqueue();
    const started = await untilStarted(sql, jobId);
    if (probe >= 0) waits.push(started - sent);
  }
  const row = (name: string, q: number, atMost: number): Row => ({
    work: `enqueue → start on an idle system, ${name}`,
    measured: quantile(waits, q),
    unit: "ms",
    ...targetOf({ atMost }),
    note: `${probes} jobs one by one: Data API, commit, stand-in for pg_net, worker, claim`,
  });
  return [row("p50", 0.5, 150), row("p99", 0.99, 1000)];
}

async function untilStarted(sql: JobForge["sql"], jobId: string): Promise<number> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
    const [row] = await sql`
      select extract(epoch from started_at)::float8 * 1000 as at from jobforge_jobs
      where tenant_id = ${tenantId(1)} and id = ${jobId}
    `;
    if (row?.at) return row.at;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("a job was not started within 30 s");
}
