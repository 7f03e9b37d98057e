import { join } from "node:path";
import { postgresBinaries } from "../../local/postgres/binaries.ts";
import { CLEAN_PROCESS } from "../../local/postgres/data.ts";
import { connect, withDatabaseName } from "../../local/postgres/database.ts";
import { startCluster } from "../../local/postgres/postgres.ts";
import { makePrivateDirectory, postgresAccount, temporaryRoot } from "../../local/system.ts";
import { createTestDatabase } from "../../local/test/test_database.ts";
import type { Bench } from "../harness/bench.ts";
import { report } from "../harness/harness.ts";
import { enqueueJobs, PAYLOAD, tenantId } from "../harness/jobforge.ts";
import type { Row } from "../harness/rows.ts";

/** A statement, and how many jobs it is for. */
interface Counted {
  work: string;
  statement: string;
  /** A statement that only makes the arguments. Its instructions are subtracted. */
  argument?: string;
  jobs: number;
  /** Calls in the shorter and in the longer of the two runs whose difference counts. */
  calls: [number, number];
}

const ENQUEUED = JSON.stringify({ type: "system.noop", payload: PAYLOAD });
const BATCH = `(select jsonb_agg('${ENQUEUED}'::jsonb) from generate_series(1, 1000))`;
/** What run 1 holds: as whole leases, or job by job. */
const LEASES = `(select jsonb_agg(jsonb_build_object('lease_token', leases.token))
  from jobforge.leases where leases.run_id = 1)`;
const HELD = `(select jsonb_agg(jsonb_build_object('id', member.id, 'lease_token', leases.token,
  'outcome', 'succeeded')) from jobforge.leases, unnest(leases.ids) as member (id)
  where leases.run_id = 1)`;

export const COUNTED: Counted[] = [
  {
    work: "raw insert",
    statement: `insert into raw (tenant, payload) values (1, '${JSON.stringify(PAYLOAD)}')`,
    ...{ jobs: 1, calls: [20, 60] },
  },
  {
    work: "enqueue_job",
    statement: `select job_id from jobforge_enqueue_job(p_tenant_id => '${tenantId(1)}',
      p_type => 'system.noop', p_payload => '${JSON.stringify(PAYLOAD)}')`,
    ...{ jobs: 1, calls: [20, 60] },
  },
  {
    work: "enqueue_job, max_queued",
    statement: `select job_id from jobforge_enqueue_job(p_tenant_id => '${tenantId(20)}',
      p_type => 'system.noop', p_payload => '${JSON.stringify(PAYLOAD)}')`,
    ...{ jobs: 1, calls: [20, 60] },
  },
  {
    work: "enqueue_jobs of 1,000",
    statement: `select count(*) from jobforge_enqueue_jobs('${tenantId(1)}', ${BATCH})`,
    argument: `select jsonb_array_length(${BATCH})`,
    ...{ jobs: 1000, calls: [2, 6] },
  },
  roundTrip(1, [20, 60], HELD, "by id"),
  roundTrip(1, [20, 60], LEASES, "whole leases"),
  roundTrip(100, [4, 12], HELD, "by id"),
  roundTrip(100, [4, 12], LEASES, "whole leases"),
  roundTrip(500, [2, 6], LEASES, "whole leases"),
];

function roundTrip(jobs: number, calls: [number, number], outcomes: string, form: string): Counted {
  const sent = `coalesce(${outcomes}, '[]')`;
  const statement = `select jobforge_settle_and_claim(1, ${sent}, ${jobs}) is not null`;
  const argument = `select ${sent} is not null`;
  return { work: `settle_and_claim of ${jobs}, ${form}`, statement, argument, jobs, calls };
}

/**
 * How many instructions Postgres executes per job, as valgrind counts them in single-user mode: the
 * one figure that does not depend on what else the machine does. Without valgrind there are no rows.
 */
export async function instructionRows({ server }: Bench): Promise<Row[]> {
  if (!await hasValgrind()) {
    report("valgrind is not installed: no instructions are counted");
    return [];
  }
  const account = await postgresAccount();
  const root = join(await temporaryRoot(account), `jobforge-instructions-${Deno.pid}`);
  await makePrivateDirectory(root, account);
  try {
    const database = await fill(root, server.migrations);
    const rows: Row[] = [];
    for (const counted of COUNTED) {
      const count = (statement: string) => countCalls(root, database, { ...counted, statement });
      const argument = counted.argument ? await count(counted.argument) : 0;
      rows.push({
        work: `instructions per job: ${counted.work}`,
        measured: (await count(counted.statement) - argument) / counted.jobs / 1000,
        unit: "k",
        note: "counted by valgrind in single-user mode, prepared, without protocol and arguments",
      });
    }
    return rows;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function hasValgrind(): Promise<boolean> {
  const version = new Deno.Command("valgrind", { args: ["--version"], stdout: "null" });
  return await version.output().then(({ success }) => success, () => false);
}

/** Makes a cluster with jobs of 20 tenants, stops it, and answers with the database's name. */
async function fill(root: string, migrations: string): Promise<string> {
  const cluster = await startCluster({
    ...{ directory: root, password: crypto.randomUUID(), port: 0, durable: false },
  });
  const benchServer = Deno.env.get("JOBFORGE_TEST_SERVER")!;
  Deno.env.set("JOBFORGE_TEST_SERVER", cluster.adminUrl);
  try {
    const { name, sql } = await createTestDatabase({ sources: { migrations } });
    const admin = connect(withDatabaseName(cluster.adminUrl, name));
    await admin`create table raw (id bigint generated always as identity primary key,
      tenant int not null, status text not null default 'queued',
      run_at timestamptz not null default now(), payload jsonb not null)`;
    for (let tenant = 1; tenant <= 20; tenant++) await enqueueJobs(sql, tenant, 400);
    await sql`select jobforge_configure_queue(${tenantId(20)}, 'default', '{"max_queued": 9999}')`;
    await admin`select from jobforge_start_run(p_capacity => 1000)`;
    await admin`select jobforge.dispatch()`;
    await admin`vacuum analyze`;
    await admin.end();
    await sql.end();
    return name;
  } finally {
    Deno.env.set("JOBFORGE_TEST_SERVER", benchServer);
    await cluster.stop();
  }
}

/** Instructions of one call. */
async function countCalls(root: string, database: string, counted: Counted): Promise<number> {
  const [few, many] = counted.calls;
  // The first calls leave what later ones find, such as the wake-up of a queue.
  await run(root, database, counted, 2);
  const all = await run(root, database, counted, many);
  return (all - await run(root, database, counted, few)) / (many - few);
}

/** Instructions of a Postgres that starts, prepares a statement and executes it `calls` times. */
async function run(
  root: string,
  database: string,
  { statement, work }: Counted,
  calls: number,
): Promise<number> {
  const lines = [`prepare counted as ${statement.replaceAll(/\s+/g, " ")}`];
  for (let call = 0; call < calls; call++) lines.push("execute counted");
  const child = new Deno.Command("valgrind", {
    args: [
      ...["--tool=callgrind", "--callgrind-out-file=/dev/null", `--log-file=${root}/valgrind.log`],
      ...[
        join(await postgresBinaries(), "postgres"),
        "--single",
        "-D",
        join(root, "data"),
        database,
      ],
    ],
    ...CLEAN_PROCESS,
    ...await postgresAccount(),
    ...{ stdin: "piped", stdout: "null", stderr: "piped" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(lines.join("\n") + "\n"));
  await writer.close();
  const { stderr } = await child.output();
  const problem = /^.*ERROR:.*$/m.exec(new TextDecoder().decode(stderr))?.[0];
  if (problem) throw new Error(`${work}: ${problem}`);
  const log = await Deno.readTextFile(join(root, "valgrind.log"));
  return Number(/Collected : (\d+)/.exec(log)?.[1]);
}
