import type { Bench } from "../harness/bench.ts";
import { type Cell, interleave } from "../harness/harness.ts";
import { checkDrained, drain, type JobForge, openJobForge } from "../harness/jobforge.ts";
import { ratioRow, type Row, targetOf } from "../harness/rows.ts";
import { neighbourRows } from "./neighbours.ts";

const TENANTS = 100;

/** What fair shares and limits cost, and what they are good for. */
export async function fairnessRows(bench: Bench): Promise<Row[]> {
  return [...await costRows(bench), ...await tenantsRows(bench), ...await neighbourRows(bench)];
}

/** The same jobs, once shared among tenants and once in one queue, which has one order for all. */
async function costRows(bench: Bench): Promise<Row[]> {
  const fair = await openJobForge(bench.server);
  const fifo = await openJobForge(bench.server);
  const jobs = bench.size(20_000, 5_000);
  const rows: Row[] = [];
  for (const batch of [50, 100]) {
    const cells = await Promise.all([
      drainCell("fair", fair, TENANTS, jobs, batch),
      drainCell("FIFO", fifo, 1, jobs, batch),
    ]);
    const series = await interleave(cells, bench.rounds(9, 2));
    const { measured, spread, ...row } = ratioRow(series, {
      work: `fair shares of ${TENANTS} tenants, batch ${batch}: cost against one queue for all`,
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
  const few = await openJobForge(bench.server);
  const many = await openJobForge(bench.server);
  const jobs = bench.size(20_000, 6_000);
  const rounds = bench.rounds(7, 2);
  const work = "drain, 4 loops × 100: 10,000 tenants";
  const names = { cell: "10,000 tenants", of: "100 tenants" };
  const backlog = bench.size(300_000, 60_000);
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
  const rows = [ratioRow(steady, { work: `${work}, of 100 tenants`, ...names, atLeast: 0.95 })];
  if (!bench.quick) {
    const emptied = await interleave([
      await drainCell(names.cell, many, 10_000, jobs, 100),
      await drainCell(names.of, few, TENANTS, jobs, 100),
    ], 3);
    const title = `${work} with ${jobs / 10_000} jobs each, of 100 tenants`;
    rows.push(ratioRow(emptied, { work: title, ...names }));
  }
  await few.close();
  await many.close();
  return rows;
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
): Promise<Cell> {
  const clients = await jobforge.database.open(4);
  return {
    name,
    async prepare() {
      await jobforge.wipe();
      await jobforge.fill(tenants, jobs);
    },
    run: () => drain(clients, jobs, batch),
    check: () => checkDrained(jobforge, jobs),
  };
}
