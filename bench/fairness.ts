import type { Sql } from "../local/database.ts";
import type { Bench } from "./bench.ts";
import { type Cell, interleave, median, millisecondsOf, quantile, ratios } from "./harness.ts";
import {
  checkDrained,
  drain,
  enqueueJob,
  type JobForge,
  openJobForge,
  settleAndClaim,
  startRun,
  tenantId,
} from "./jobforge.ts";
import { ratioRow, type Row, targetOf } from "./rows.ts";

const TENANTS = 100;

/** What fair shares and limits cost, and what they are good for. */
export async function fairnessRows(bench: Bench): Promise<Row[]> {
  return [
    ...await costRows(bench),
    ...await tenantsRows(bench),
    await smallTenantRow(bench),
    await cappedRow(bench),
  ];
}

/** The same storage and the same calls, but claims take the oldest job of all, without counters. */
async function costRows(bench: Bench): Promise<Row[]> {
  const fair = await openJobForge();
  const fifo = await openJobForge();
  await fifo.sql.unsafe(await Deno.readTextFile(new URL("./sql/fifo.sql", import.meta.url)));
  const jobs = bench.size(20_000, 5_000);
  const rows: Row[] = [];
  for (const batch of [50, 100]) {
    const cells = await Promise.all([
      drainCell("fair", fair, TENANTS, jobs, batch, true),
      drainCell("FIFO", fifo, TENANTS, jobs, batch, false),
    ]);
    const series = await interleave(cells, bench.rounds(9, 3));
    const { measured, spread, ...row } = ratioRow(series, {
      work: `fairness and limits, batch ${batch}: cost against global FIFO on the same storage`,
      cell: "fair",
      of: "FIFO",
    });
    const costs = spread!.map((ratio) => 100 * (1 - ratio)).toReversed() as [number, number];
    const cost = { measured: 100 * (1 - measured), unit: "%", spread: costs };
    rows.push({ ...row, ...cost, ...targetOf({ atMost: 20 }) });
  }
  await fair.close();
  await fifo.close();
  return rows;
}

/** Many tenants, with work for a while, and with hardly any: then each claim empties queues. */
async function tenantsRows(bench: Bench): Promise<Row[]> {
  const few = await openJobForge();
  const many = await openJobForge();
  const jobs = bench.size(20_000, 10_000);
  const rounds = bench.rounds(7, 2);
  const work = "drain, 4 loops × 100: 10,000 tenants";
  const names = { cell: "10,000 tenants", of: "100 tenants" };
  const backlog = bench.size(300_000, 100_000);
  await Promise.all([many.fill(10_000, backlog), few.fill(TENANTS, backlog)]);
  const steady = await interleave([
    await partCell(names.cell, many, jobs),
    await partCell(names.of, few, jobs),
  ], rounds);
  await Promise.all(
    [many, few].map((each) =>
      checkDrained(each, jobs * (rounds + 1), backlog - jobs * (rounds + 1))
    ),
  );
  const emptied = await interleave([
    await drainCell(names.cell, many, 10_000, jobs, 100, true),
    await drainCell(names.of, few, TENANTS, jobs, 100, true),
  ], bench.rounds(3, 1));
  await few.close();
  await many.close();
  return [
    ratioRow(steady, { work: `${work}, of 100 tenants`, ...names, atLeast: 0.95 }),
    ratioRow(emptied, {
      work: `${work} with ${jobs / 10_000} jobs each, of 100 tenants`,
      ...names,
    }),
  ];
}

async function partCell(name: string, jobforge: JobForge, jobs: number): Promise<Cell> {
  const clients = await jobforge.database.open(4);
  return { name, run: () => drain(clients, jobs, 100) };
}

async function drainCell(
  name: string,
  jobforge: JobForge,
  tenants: number,
  jobs: number,
  batch: number,
  counted: boolean,
): Promise<Cell> {
  const clients = await jobforge.database.open(4);
  return {
    name,
    async prepare() {
      await jobforge.wipe();
      await jobforge.fill(tenants, jobs);
    },
    run: () => drain(clients, jobs, batch),
    check: () => counted ? checkDrained(jobforge, jobs) : Promise.resolve(),
  };
}

/** One tenant has filled the queue; others come with one job each, one after the other. */
async function smallTenantRow(bench: Bench): Promise<Row> {
  const jobforge = await openJobForge();
  const neighbours = bench.size(1_000_000, 100_000);
  await jobforge.fill(1, neighbours);
  const clients = await jobforge.database.open(4);
  const probes = new Map<string, number>();
  const waits: number[] = [];
  const cycles: number[] = [];
  let stopped = false;
  const work = async (sql: Sql) => {
    const runId = await startRun(sql);
    let held: Awaited<ReturnType<typeof settleAndClaim>> = [];
    while (!stopped) {
      cycles.push(
        await millisecondsOf(async () => {
          held = await settleAndClaim(sql, runId, held, 50);
        }),
      );
      const now = performance.now();
      for (const { tenant_id } of held) {
        const enqueued = probes.get(tenant_id);
        if (enqueued !== undefined && probes.delete(tenant_id)) waits.push(now - enqueued);
      }
    }
  };
  const working = clients.map(work);
  const count = bench.size(150, 40);
  for (let probe = 0; probe < count; probe++) {
    const tenant = 2 + probe;
    probes.set(tenantId(tenant), performance.now());
    await enqueueJob(jobforge.sql, tenant);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  stopped = true;
  await Promise.all(working);
  await jobforge.close();
  if (probes.size > 0) throw new Error(`${probes.size} jobs of small tenants were not started`);
  const cycle = median(cycles);
  const p99 = quantile(waits, 0.99);
  return {
    work: `small tenant behind ${neighbours.toLocaleString("en")} jobs of another: p99 start`,
    measured: p99,
    unit: "ms",
    target: {
      limit: 25,
      atLeast: false,
      or: { text: "3 claim cycles", reached: p99 <= 3 * cycle },
    },
    note: `from before the enqueue to the claim's reply; p50 ${median(waits).toFixed(1)} ms of ` +
      `${count} starts, 4 workers × 50, a claim cycle takes ${cycle.toFixed(1)} ms`,
  };
}

/** 99 of 100 tenants have jobs by the thousand and may start none of them. */
async function cappedRow(bench: Bench): Promise<Row> {
  const jobs = bench.size(1_000_000, 100_000);
  const free = await openJobForge();
  const capped = await openJobForge();
  await Promise.all([free, capped].map((each) => each.fill(TENANTS, jobs)));
  await capAllButOne(capped);
  const cells = await Promise.all([claimCell("capped", capped), claimCell("free", free)]);
  const series = await interleave(cells, bench.size(100, 40), 5);
  await free.close();
  await capped.close();
  const values = ratios(series, "capped", "free");
  return {
    work: `99 of 100 tenants at their cap with ${jobs.toLocaleString("en")} queued: claim(50)`,
    measured: median(values),
    unit: "×",
    ...targetOf({ atMost: 1.1 }),
    note: ["capped", "free"].map((name) => `${name} ${median(series.get(name)!).toFixed(2)} ms`)
      .join(" against ") + " (median)",
  };
}

async function capAllButOne({ sql }: JobForge): Promise<void> {
  for (let tenant = 2; tenant <= TENANTS; tenant++) {
    const settings = sql.json({ max_running: 10 });
    await sql`select from jobforge_configure_queue(${tenantId(tenant)}, 'default', ${settings})`;
  }
  for (let tries = 0; tries < 20; tries++) {
    await settleAndClaim(sql, await startRun(sql), [], 1000);
    const [row] = await sql`select count(*)::int as count from jobforge_queues where runnable`;
    if (row!.count === 1) return void await sql`vacuum analyze jobforge_queues`;
  }
  throw new Error("the capped queues did not come to rest at their caps");
}

async function claimCell(name: string, { sql }: JobForge): Promise<Cell> {
  const runId = await startRun(sql);
  let held: Awaited<ReturnType<typeof settleAndClaim>> = [];
  return {
    name,
    run: () => millisecondsOf(async () => held = await settleAndClaim(sql, runId, [], 50)),
    check: async () => void await settleAndClaim(sql, runId, held, 0),
  };
}
