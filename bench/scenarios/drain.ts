import type { Sql } from "../../local/postgres/database.ts";
import type { Bench } from "../harness/bench.ts";
import { type Cell, interleave, type Series } from "../harness/harness.ts";
import {
  analyze,
  checkDrained,
  drain,
  enqueueJobs,
  type JobForge,
  openJobForge,
} from "../harness/jobforge.ts";
import { ratioRow, type Row } from "../harness/rows.ts";
import {
  type Graphile,
  openGraphile,
  TUNED,
  UNTUNED,
  type WorkerPreset,
} from "../peers/graphile.ts";
import { openPgBoss, type PgBoss } from "../peers/pg_boss.ts";

const TENANTS = 100;
const LOOPS = 4;

interface Systems {
  jobforge: JobForge;
  clients: Sql[];
  graphile: Graphile;
  boss: PgBoss;
}

/** Empties a full queue: JobForge with all that it does, and its peers at their best settings. */
export async function drainRows(bench: Bench): Promise<Row[]> {
  const jobforge = await openJobForge(bench.server);
  const systems: Systems = {
    jobforge,
    clients: await jobforge.database.open(16),
    graphile: await openGraphile(await bench.server.makeDatabase("bench_graphile")),
    boss: await openPgBoss(await bench.server.makeDatabase("bench_pg_boss")),
  };
  try {
    return [
      ...await batchRows(bench, systems),
      ...await otherRows(bench, systems),
      ...await singleRows(bench, systems),
    ];
  } finally {
    await systems.graphile.close();
    await systems.boss.close();
    await jobforge.close();
  }
}

async function batchRows(bench: Bench, systems: Systems): Promise<Row[]> {
  const jobs = bench.size(30_000, 6_000);
  const few = bench.size(3_000, 1_000);
  const series = await interleave([
    ours(systems, "JobForge 4 × 100", jobs, LOOPS, 100),
    ours(systems, "JobForge 4 × 500", jobs, LOOPS, 500),
    graphiles(systems, "graphile-worker tuned", jobs, TUNED),
    graphiles(systems, "graphile-worker untuned", few, UNTUNED),
    pgBoss(systems, "pg-boss 4 × 100", jobs, (boss) => boss.drain(jobs, LOOPS, 100)),
  ], bench.rounds(5, 2));
  return [
    // Equal batches come first: 500 is graphile-worker's own.
    batchRow(series, 500, "graphile-worker tuned", 1.6),
    batchRow(series, 100, "graphile-worker tuned", 1.1),
    batchRow(series, 100, "graphile-worker untuned", 12),
    batchRow(series, 100, "pg-boss 4 × 100", 1.4),
  ];
}

/** Settings that are slower, or that no target speaks of. */
async function otherRows(bench: Bench, systems: Systems): Promise<Row[]> {
  if (bench.quick) return [];
  const jobs = 20_000;
  const series = await interleave(
    [
      ours(systems, "JobForge 4 × 100", jobs, LOOPS, 100),
      ours(systems, "JobForge 4 × 500", jobs, LOOPS, 500),
      graphiles(systems, "graphile-worker by default", 1_000, {}),
      pgBoss(systems, "pg-boss 4 × 500", jobs, (boss) => boss.drain(jobs, LOOPS, 500)),
      pgBoss(systems, "pg-boss work 4 × 500", 6_000, (boss) => boss.work(6_000, LOOPS, 500)),
    ],
    2,
    0,
  );
  return [
    batchRow(series, 100, "graphile-worker by default", 12),
    batchRow(series, 500, "pg-boss 4 × 500"),
    batchRow(series, 500, "pg-boss work 4 × 500"),
  ];
}

function batchRow(series: Series, batch: number, of: string, atLeast?: number): Row {
  return ratioRow(series, {
    work: `drain, 4 loops × ${batch}, of ${of}`,
    cell: `JobForge 4 × ${batch}`,
    of,
    ...(atLeast === undefined ? {} : { atLeast }),
  });
}

async function singleRows(bench: Bench, systems: Systems): Promise<Row[]> {
  const jobs = bench.size(2_000, 800);
  const series = await interleave([
    ours(systems, "JobForge 16 × 1", jobs, 16, 1),
    pgBoss(systems, "pg-boss 16 × 1", jobs, (boss) => boss.drain(jobs, 16, 1)),
  ], bench.rounds(5, 2));
  return [ratioRow(series, {
    work: "single-job claims, 16 loops, of pg-boss",
    cell: "JobForge 16 × 1",
    of: "pg-boss 16 × 1",
    atLeast: 1,
  })];
}

function ours(
  { jobforge, clients }: Systems,
  name: string,
  jobs: number,
  loops: number,
  batch: number,
): Cell {
  return {
    name,
    async prepare() {
      await jobforge.wipe();
      const each = jobs / TENANTS > 100 ? 100 : jobs / TENANTS;
      for (let i = 0; i < jobs / each; i++) await enqueueJobs(jobforge.sql, 1 + i % TENANTS, each);
      await jobforge.sql`select jobforge_dispatch()`;
      await analyze(jobforge.sql);
    },
    run: () => drain(clients.slice(0, loops), jobs, batch),
    check: () => checkDrained(jobforge, jobs),
  };
}

function graphiles(systems: Systems, name: string, jobs: number, preset: WorkerPreset): Cell {
  return {
    name,
    async prepare() {
      await systems.graphile.wipe();
      await systems.graphile.fill(jobs);
    },
    run: () => systems.graphile.drain(jobs, preset),
  };
}

function pgBoss(
  { boss }: Systems,
  name: string,
  jobs: number,
  run: (boss: PgBoss) => Promise<number>,
): Cell {
  return {
    name,
    async prepare() {
      await boss.wipe();
      await boss.fill(jobs);
    },
    run: () => run(boss),
    check: () => boss.check(jobs),
  };
}
