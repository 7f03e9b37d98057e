import assert from "node:assert/strict";
import { join } from "node:path";
import { connect, type Sql } from "../../local/postgres/database.ts";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import { ACME } from "../fake_terminal.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const HANDLERS = join(import.meta.dirname!, "fake_handlers.ts");
/** The permissions of `deno task jobforge`. */
const ALLOWED = ["--allow-net", "--allow-env", "--allow-read"];

/** A worker process. */
export interface WorkerProcess {
  kill(signal: Deno.Signal): void;
  /** Lines of its log so far. */
  lines(): Record<string, unknown>[];
  /** Resolves with its exit code and its messages. */
  ended: Promise<{ code: number; err: string }>;
  /** The port of /health, once it listens. */
  port(): Promise<number>;
}

/** A stack without functions, and worker processes beside it. */
export interface WorkerStage {
  stack: Stack;
  sql: Sql;
  /** The environment of a worker, over the Data API or a direct connection. */
  environment(way: Way): Record<string, string>;
  start(way: Way | Record<string, string>, ...options: string[]): WorkerProcess;
  /** Enqueues jobs of a tenant and returns their IDs. */
  enqueue(type: string, payload: unknown, count?: number): Promise<string[]>;
  job(id: string): Promise<StoredJob>;
}

/** How a worker reaches the database. */
export type Way = "data api" | "direct";

export const WAYS: Way[] = ["data api", "direct"];

/** A job with its attempts. */
export interface StoredJob {
  status: string;
  attempts: number;
  lease_expiries: number;
  worker: string | null;
  outcomes: string[];
}

/** A worker process of this repository on Deno. */
const ON_DENO = {
  ...{ program: Deno.execPath(), folder: ROOT },
  args: ["run", ...ALLOWED, "cli/main.ts", "worker", "--handlers", HANDLERS],
};

/**
 * Runs steps with a stack, and ends every worker that is left. `on` is how a worker is started,
 * default this repository on Deno.
 */
export async function onWorkerStage(
  use: (stage: WorkerStage) => Promise<void>,
  on: typeof ON_DENO = ON_DENO,
): Promise<void> {
  const stack = await startStack({ functions: [] });
  const sql = connect(stack.adminDbUrl);
  const started: Worker[] = [];
  const password = crypto.randomUUID();
  // Roles belong to the whole server, which other tests use too.
  const role = `jobforge_worker_${password.slice(0, 8)}`;
  await sql.unsafe(`create role ${role} login noinherit password '${password}'`);
  await sql.unsafe(`grant service_role to ${role}`);
  const direct = Object.assign(new URL(stack.adminDbUrl), { username: role, password });
  const environment = (way: Way): Record<string, string> => ({
    SUPABASE_URL: stack.url,
    ...(way === "direct"
      ? { DATABASE_URL: direct.href }
      : { SUPABASE_SECRET_KEY: stack.secretKey }),
  });
  try {
    await use({
      ...{ stack, sql, environment },
      start(way, ...options) {
        const env = typeof way === "string" ? environment(way) : way;
        started.push(startWorker(on, env, options));
        return started.at(-1)!;
      },
      async enqueue(type, payload, count = 1) {
        const jobs = Array.from({ length: count }, () => ({ type, payload }));
        const rows = await sql`
          select job_id from jobforge_enqueue_jobs(${ACME}, ${sql.json(jobs as never)})`;
        return rows.map(({ job_id }) => job_id);
      },
      async job(id) {
        const [row] = await sql<StoredJob[]>`
          select j.status, j.attempts, j.lease_expiries, (
              select r.worker from jobforge.leases as l join jobforge.runs as r on r.id = l.run_id
              where j.id = any (l.ids)) as worker, array(
              select a.outcome from jobforge_job_attempts as a where a.job_id = j.id
              order by a.attempt_no) as outcomes
          from jobforge_jobs as j where j.id = ${id}`;
        return row!;
      },
    });
  } catch (thrown) {
    for (const worker of started) console.error(worker.output());
    throw thrown;
  } finally {
    for (const worker of started) worker.kill("SIGKILL");
    await Promise.all(started.map(({ ended }) => ended));
    await eventually("their connections to end", async () => {
      const [row] = await sql`
        select count(*)::int as left from pg_stat_activity where usename = ${role}`;
      return row!.left === 0;
    });
    await sql.unsafe(`drop role ${role}`);
    await sql.end();
    await stack.stop();
  }
}

interface Worker extends WorkerProcess {
  output(): string;
}

function startWorker(
  { program, folder, args }: typeof ON_DENO,
  env: Record<string, string>,
  options: string[],
): Worker {
  const child = new Deno.Command(program, {
    args: [...args, ...options],
    ...{ cwd: folder, env, stdout: "piped", stderr: "piped", stdin: "null" },
  }).spawn();
  const texts = ["", ""];
  let isOver = false;
  const reads = [child.stdout, child.stderr].map(async (stream, index) => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) texts[index] += part;
  });
  const ended = (async () => {
    const { code } = await child.status;
    isOver = true;
    await Promise.all(reads);
    return { code, err: texts[1]! };
  })();
  const lines = () =>
    texts.join("\n").split("\n").filter((line) => line.startsWith("{") && line.endsWith("}"))
      .map((line) => JSON.parse(line));
  return {
    ...{ ended, lines, output: () => texts.join("\n") },
    kill(signal) {
      if (!isOver) child.kill(signal);
    },
    port: () =>
      eventually("the worker to start", () => {
        const started = lines().find(({ event }) => event === "worker_started");
        return started && (started.values as { port: number }).port;
      }),
  };
}

/** Waits until `check` gives a value. Throws after a minute, with what never came. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`waited a minute for: ${what}`);
}

/** Waits until a job has a status. */
export async function until(stage: WorkerStage, id: string, status: string): Promise<void> {
  await eventually(`the job to be ${status}`, async () => (await stage.job(id)).status === status);
}
