import { connect, type Sql } from "../../local/postgres/database.ts";
import type { Bench } from "../harness/bench.ts";
import { median } from "../harness/harness.ts";
import {
  checkDrained,
  drain,
  enqueueJobs,
  type JobForge,
  openJobForge,
  startRun,
} from "../harness/jobforge.ts";
import { type Row, targetOf } from "../harness/rows.ts";
import { openRaw } from "../peers/raw.ts";
import { sizeRows } from "./sizes.ts";

const TENANTS = 100;

/** What large tables, long transactions and the write-ahead log do to it. */
export async function storageRows(bench: Bench): Promise<Row[]> {
  return [...await sizeRows(bench), await pinnedRow(bench), await walRow(bench)];
}

/**
 * A drain while an old snapshot keeps every dead row and index entry. The machine's own pace, taken
 * from raw inserts between the slices, is divided out.
 */
async function pinnedRow(bench: Bench): Promise<Row> {
  const jobforge = await openJobForge(bench.server);
  const raw = await openRaw(bench.server);
  const [inserter] = await raw.open(1);
  const slices = 16;
  const slice = bench.size(10_000, 2_500);
  await jobforge.fill(TENANTS, slice * slices);
  const clients = await jobforge.database.open(4);
  const runIds = await Promise.all(clients.map(startRun));
  await raw.insertBatch(inserter!, 1, 1000);
  const unpin = await pin(jobforge);
  const paces: number[] = [];
  for (let i = 0; i < slices; i++) {
    const before = await pace(inserter!);
    const rate = await drain(clients, slice, 100, runIds);
    paces.push(rate / ((before + await pace(inserter!)) / 2));
  }
  await unpin();
  await checkDrained(jobforge, slice * slices);
  await jobforge.close();
  await raw.close();
  const [first, second] = [paces.slice(0, slices / 2), paces.slice(slices / 2)];
  return {
    work: "pinned old snapshot: second half of a drain, of the first",
    measured: median(second) / median(first),
    unit: "×",
    ...targetOf({ atLeast: 0.95 }),
    note:
      `${(slice * slices).toLocaleString("en")} jobs, 4 runs × 100; a slice of the raw insert's ` +
      `pace: first ${paces[0]!.toFixed(2)}, last ${paces.at(-1)!.toFixed(2)}`,
  };

  async function pace(sql: Sql): Promise<number> {
    const started = performance.now();
    for (let i = 0; i < 10; i++) await raw.insertBatch(sql, 1, 1000);
    return 10_000 / (performance.now() - started);
  }
}

/** Holds a snapshot until the returned function is called. */
export async function pin({ database }: JobForge): Promise<() => Promise<void>> {
  const sql = connect(database.adminUrl);
  await sql.unsafe("begin isolation level repeatable read").simple();
  await sql`select count(*) from jobforge_queues`;
  return async () => {
    await sql.unsafe("commit").simple();
    await sql.end();
  };
}

/** Enqueued, claimed and settled by the hundred, on pages that were already written since a checkpoint. */
async function walRow(bench: Bench): Promise<Row> {
  const jobforge = await openJobForge(bench.server);
  const { sql } = jobforge;
  const jobs = 5_000;
  const enqueueAll = async () => {
    for (let i = 0; i < jobs / 100; i++) await enqueueJobs(sql, 1 + i % TENANTS, 100);
  };
  await enqueueAll();
  await drain([sql], jobs, 100);
  const enqueued = await walBytes(sql, enqueueAll);
  const worked = await walBytes(sql, () => drain([sql], jobs, 100));
  await checkDrained(jobforge, 2 * jobs);
  await jobforge.close();
  return {
    work: "WAL per job, 45-byte payload, batch 100",
    measured: (enqueued + worked) / jobs / 1000,
    unit: "kB",
    ...targetOf({ atMost: 1.4 }),
    note: `enqueue ${Math.round(enqueued / jobs)} B, claim and settle ${
      Math.round(worked / jobs)
    } B`,
  };
}

/** Bytes of write-ahead log that `work` makes, all of the server's. */
export async function walBytes(sql: Sql, work: () => Promise<unknown>): Promise<number> {
  const [before] = await sql`select pg_current_wal_insert_lsn() as lsn`;
  await work();
  const [row] = await sql`
    select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), ${before!.lsn})::int as bytes
  `;
  return row!.bytes;
}
