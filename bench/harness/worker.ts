import type { Sql } from "../../local/postgres/database.ts";
import type { Stack } from "../../local/stack/stack.ts";

const CLOCK_TICKS_PER_SECOND = 100;

/** CPU that the process of a function has used, in milliseconds: user and system, all threads. */
export async function cpuMsOf(stack: Stack, name: string): Promise<number> {
  const pid = stack.functionPids()[name];
  if (pid === undefined) throw new Error(`the function ${name} is not running`);
  if (Deno.build.os === "linux") return await linuxCpuMs(pid);
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "time=", "-p", String(pid)] })
    .output();
  const parts = new TextDecoder().decode(stdout).trim().split(":").map(Number);
  return 1000 * parts.reduce((seconds, part) => seconds * 60 + part, 0);
}

/** Uses `cat`, because Deno needs all permissions to read in /proc. */
async function linuxCpuMs(pid: number): Promise<number> {
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/stat`] }).output();
  const fields = new TextDecoder().decode(stdout).replace(/^.*\) /, "").split(" ");
  return 1000 * (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

/** Waits until no run is alive or on its way. */
export async function untilIdle(sql: Sql): Promise<void> {
  await until(async () => {
    const [row] = await sql`
      select not exists (select from jobforge.runs where state in ('pending', 'live')) as idle
    `;
    return row!.idle;
  });
}

/** Calls the worker for queued jobs and waits for their end. Returns jobs a second. */
export async function drainByWorker(sql: Sql, jobs: number): Promise<number> {
  await sql`select jobforge_dispatch()`;
  return await untilDrained(sql, jobs);
}

/** Lets a worker that `start` starts work off queued jobs, and ends it. Returns jobs a second. */
export async function drainBy(
  sql: Sql,
  jobs: number,
  start: () => () => Promise<void>,
): Promise<number> {
  const end = start();
  try {
    return await untilDrained(sql, jobs);
  } finally {
    await end();
  }
}

async function untilDrained(sql: Sql, jobs: number): Promise<number> {
  await until(async () => {
    const [row] = await sql`
      select coalesce(sum(jobforge.queued(id) + jobforge.running(id)), 0)::int as left
      from jobforge.queues
    `;
    return row!.left === 0;
  });
  const [row] = await sql`
    select extract(epoch from max(finished_at) - min(started_at))::float8 as seconds
    from jobforge_jobs
  `;
  return jobs / row!.seconds;
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 120_000; Date.now() < deadline;) {
    if (await reached()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the worker did not come to rest within two minutes");
}
