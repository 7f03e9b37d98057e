import type { Sql } from "../../local/postgres/database.ts";
import type { Bench } from "../harness/bench.ts";
import { callsPerSecond, type Cell, interleave } from "../harness/harness.ts";
import {
  enqueueJob,
  enqueueJobs,
  type JobForge,
  openJobForge,
  PAYLOAD,
} from "../harness/jobforge.ts";
import { ratioRow, type Row } from "../harness/rows.ts";
import { openGraphile } from "../peers/graphile.ts";
import { openRaw, type Raw } from "../peers/raw.ts";

const TENANTS = 100;
const BATCH = 1_000;

/** Enqueues against the physical limit: the same payload inserted into a plain table. */
export async function enqueueRows(bench: Bench): Promise<Row[]> {
  const jobforge = await openJobForge(bench.server);
  const raw = await openRaw(bench.server);
  try {
    return [
      ...await singleRows(bench, jobforge, raw, 1),
      ...await singleRows(bench, jobforge, raw, 16),
      await oneTenantRow(bench, jobforge),
      ...await batchRows(bench, jobforge, raw),
    ];
  } finally {
    await raw.close();
    await jobforge.close();
  }
}

async function singleRows(
  bench: Bench,
  jobforge: JobForge,
  raw: Raw,
  clients: number,
): Promise<Row[]> {
  const ours = await jobforge.database.open(clients);
  const theirs = await raw.open(clients);
  const calls = clients === 1 ? 100 : 400;
  await jobforge.wipe();
  const series = await interleave([
    {
      name: "enqueue",
      run: () => callsPerSecond(ours, calls, (sql, i) => enqueueJob(sql, 1 + i % TENANTS)),
    },
    {
      name: "raw insert",
      run: () => callsPerSecond(theirs, calls, (sql, i) => raw.insert(sql, 1 + i % TENANTS)),
    },
  ], bench.rounds(41, 9));
  return [ratioRow(series, {
    work: `single enqueue, ${clients === 1 ? "1 client" : `${clients} clients`}, of raw insert`,
    cell: "enqueue",
    of: "raw insert",
    atLeast: clients === 1 ? 0.75 : 0.55,
  })];
}

/** A commit takes a millisecond longer, as on a network disk, but many commit together. */
async function oneTenantRow(bench: Bench, jobforge: JobForge): Promise<Row> {
  const { admin, database, sql } = jobforge;
  await jobforge.wipe();
  await admin.unsafe("grant set on parameter commit_delay to postgres");
  await sql`create table bench.same_shape (like jobforge.jobs including all)`;
  const clients = await database.open(16);
  await Promise.all(clients.map((client) => slowCommits(client)));
  const calls = 400;
  const series = await interleave([
    { name: "enqueue", run: () => callsPerSecond(clients, calls, (each) => enqueueJob(each, 1)) },
    { name: "raw insert", run: () => callsPerSecond(clients, calls, insertSameShape) },
  ], bench.rounds(31, 7));
  return ratioRow(series, {
    work: "one tenant, 16 clients, 1 ms commit delay, of the same without counters",
    cell: "enqueue",
    of: "raw insert",
    atLeast: 0.6,
    note: "inserted into a table of the same shape",
  });
}

async function slowCommits(sql: Sql): Promise<void> {
  await sql`select set_config('commit_delay', '1000', false),
    set_config('commit_siblings', '0', false)`;
}

async function insertSameShape(sql: Sql): Promise<void> {
  await sql`
    insert into bench.same_shape (tenant_id, id, queue_id, type, payload, run_at, created_by,
      created_at)
    values (bench.tenant(1), gen_random_uuid(), 1, 'bench', ${sql.json(PAYLOAD)}, now(), 'postgres',
      now())
  `;
}

async function batchRows(bench: Bench, jobforge: JobForge, raw: Raw): Promise<Row[]> {
  const graphile = await openGraphile(await bench.server.makeDatabase("bench_graphile"));
  const [client] = await raw.open(1);
  const jobs = 5_000;
  const batches = (work: (index: number) => Promise<void>) => async () =>
    BATCH * await callsPerSecond([undefined], jobs / BATCH, (_, index) => work(index));
  await Promise.all([jobforge.wipe(), raw.wipe(), graphile.wipe()]);
  const cells: Cell[] = [
    {
      name: "enqueue",
      run: batches((i) => enqueueJobs(jobforge.sql, 1 + i % TENANTS, BATCH)),
    },
    { name: "raw insert", run: batches((i) => raw.insertBatch(client!, 1 + i % TENANTS, BATCH)) },
    { name: "add_jobs", run: batches(() => graphile.addJobs(BATCH)) },
  ];
  const series = await interleave(cells, bench.rounds(15, 4));
  await graphile.close();
  const work = "batch enqueue of 1,000, of";
  return [
    ratioRow(series, {
      work: `${work} raw batch insert`,
      cell: "enqueue",
      of: "raw insert",
      atLeast: 0.6,
      note: "both are sent their 1,000 payloads",
    }),
    ratioRow(series, {
      work: `${work} graphile-worker's add_jobs`,
      cell: "enqueue",
      of: "add_jobs",
      atLeast: 4,
    }),
  ];
}
