import { PROJECT_ROOT } from "../../local/project.ts";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import type { Bench } from "../harness/bench.ts";
import { type Cell, interleave } from "../harness/harness.ts";
import { checkDrained, drain, type JobForge, openJobForge } from "../harness/jobforge.ts";
import { ratioRow, type Row } from "../harness/rows.ts";
import { drainBy } from "../harness/worker.ts";

const TENANTS = 100;
const LOGIN = "jobforge_bench_worker";
const BATCH = ["--concurrency", "100", "--max-batch", "100"];

/** A process of the container worker empties a full queue, over the Data API and directly. */
export async function containerRows(bench: Bench): Promise<Row[]> {
  const jobforge = await openJobForge(bench.server);
  const stack = await startStack({ database: jobforge.database, functions: [] });
  try {
    const password = crypto.randomUUID();
    await jobforge.admin.unsafe(`create role ${LOGIN} login noinherit password '${password}'`);
    await jobforge.admin.unsafe(`grant service_role to ${LOGIN}`);
    const login = new URL(jobforge.database.url);
    Object.assign(login, { username: LOGIN, password });
    return await rows(bench, jobforge, stack, login.href);
  } finally {
    await stack.stop();
    await jobforge.admin.unsafe(`drop role if exists ${LOGIN}`);
    await jobforge.close();
  }
}

async function rows(
  bench: Bench,
  jobforge: JobForge,
  stack: Stack,
  databaseUrl: string,
): Promise<Row[]> {
  const jobs = bench.size(20_000, 5_000);
  const clients = await jobforge.database.open(1);
  const cell = (name: string, run: () => Promise<number>): Cell => ({
    ...{ name, run },
    async prepare() {
      await jobforge.wipe();
      await jobforge.fill(TENANTS, jobs);
    },
    check: () => checkDrained(jobforge, jobs),
  });
  const worker = (env: Record<string, string>) => () =>
    drainBy(jobforge.sql, jobs, () => startWorker({ SUPABASE_URL: stack.url, ...env }));
  const series = await interleave([
    cell("container, direct", worker({ DATABASE_URL: databaseUrl })),
    cell("container, Data API", worker({ SUPABASE_SECRET_KEY: stack.secretKey })),
    cell("SQL", () => drain(clients, jobs, 100)),
  ], bench.rounds(5, 2));
  const row = (way: string) =>
    ratioRow(series, {
      work: `drain by a container worker, ${way}, of direct SQL, one loop × 100`,
      cell: `container, ${way}`,
      of: "SQL",
    });
  return [row("direct"), row("Data API")];
}

/** Starts a worker process. Returns how to end it. */
function startWorker(env: Record<string, string>): () => Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net", "--allow-env", "--allow-read", "cli/main.ts", "worker", ...BATCH],
    ...{ cwd: PROJECT_ROOT, env, stdout: "null", stderr: "inherit" },
  }).spawn();
  return async () => {
    child.kill("SIGTERM");
    const { code } = await child.status;
    if (code !== 0) throw new Error(`the worker ended with ${code}`);
  };
}
