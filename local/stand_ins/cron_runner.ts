import { Cron } from "croner";
import { connect, type Sql } from "../postgres/database.ts";

/** A running scheduler. See `startCronRunner`. */
export interface CronRunner {
  /** Starts no more jobs, and waits for the running ones. After two seconds it cancels them. */
  stop(): Promise<void>;
}

interface Job {
  jobid: string;
  schedule: string;
  command: string;
  database: string;
  username: string;
}

/** What the scheduler remembers about a job between two looks at the table. */
interface Timetable {
  schedule: string;
  /** Epoch milliseconds. */
  due: number;
  /** Runs that came due and have not started. */
  pending: number;
  running: boolean;
}

const POLL_MS = 250;
const APPLICATION_NAME = "pg_cron stand-in";
const STOP_GRACE_MS = 2_000;

/**
 * Runs the jobs of the `cron` stand-in as pg_cron does: as the scheduling role, in GMT, one instance
 * of a job at a time. An interval job queues at most one missed run, a calendar job queues all.
 * `adminUrl` belongs to a superuser of the database. `report` receives errors of reading it.
 */
export function startCronRunner(
  adminUrl: string,
  report: (error: unknown) => void = console.error,
): CronRunner {
  const sql = connect(adminUrl);
  const timetables = new Map<string, Timetable>();
  const runs = new Set<Promise<void>>();
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let poll: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    const jobs = await sql<Job[]>`
      select jobid, schedule, command, database, username
      from cron.job
      where active and database = current_database()
    `;
    forget(timetables, jobs);
    for (const job of jobs) {
      const timetable = advance(timetables, job, Date.now());
      if (timetable.pending > 0 && !timetable.running && !stopped) start(job, timetable);
    }
  }

  function start(job: Job, timetable: Timetable): void {
    timetable.pending--;
    timetable.running = true;
    const run = runJob(sql, adminUrl, job).finally(() => {
      timetable.running = false;
      runs.delete(run);
    });
    runs.add(run);
  }

  function schedule(): void {
    timer = setTimeout(() => {
      poll = look().catch(report).then(() => stopped ? undefined : schedule());
    }, POLL_MS);
  }

  schedule();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await poll;
      const late = setTimeout(() => cancelRuns(sql), STOP_GRACE_MS);
      await Promise.all(runs);
      clearTimeout(late);
      await sql.end();
    },
  };
}

async function cancelRuns(sql: Sql): Promise<void> {
  await sql`
    select pg_cancel_backend(pid)
    from pg_stat_activity
    where application_name = ${APPLICATION_NAME} and datname = current_database()
  `;
}

function forget(timetables: Map<string, Timetable>, jobs: Job[]): void {
  const known = new Set(jobs.map((job) => job.jobid));
  for (const jobid of timetables.keys()) if (!known.has(jobid)) timetables.delete(jobid);
}

/** Counts the runs that came due until `now`. A new or changed schedule starts counting now. */
function advance(timetables: Map<string, Timetable>, job: Job, now: number): Timetable {
  let timetable = timetables.get(job.jobid);
  if (timetable?.schedule !== job.schedule) {
    const running = timetable?.running ?? false;
    timetable = { schedule: job.schedule, due: nextRun(job.schedule, now), pending: 0, running };
    timetables.set(job.jobid, timetable);
  }
  while (timetable.due <= now) {
    const isInterval = intervalSeconds(job.schedule) !== undefined;
    timetable.pending = isInterval ? 1 : timetable.pending + 1;
    timetable.due = nextRun(job.schedule, isInterval ? now : timetable.due);
  }
  return timetable;
}

function nextRun(schedule: string, after: number): number {
  const seconds = intervalSeconds(schedule);
  if (seconds !== undefined) return after + seconds * 1000;
  const pattern = schedule.trim().replaceAll("$", "L");
  if (pattern === "@reboot") return Infinity;
  const next = new Cron(pattern, { timezone: "UTC", mode: "auto" }).nextRun(new Date(after));
  return next?.getTime() ?? Infinity;
}

function intervalSeconds(schedule: string): number | undefined {
  const match = /^\s*(\d+)\s+seconds?\s*$/i.exec(schedule);
  return match ? Number(match[1]) : undefined;
}

/** Records the run, and its end, whether the command succeeds or fails. */
async function runJob(sql: Sql, adminUrl: string, job: Job): Promise<void> {
  const { jobid, database, username, command } = job;
  const session = connect(adminUrl, { connection: { application_name: APPLICATION_NAME } });
  try {
    const [started] = await session`select pg_backend_pid() as pid`;
    const [run] = await sql`
      insert into cron.job_run_details
        (jobid, job_pid, database, username, command, status, start_time)
      values (${jobid}, ${started?.pid}, ${database}, ${username}, ${command}, 'running',
        clock_timestamp())
      returning runid
    `;
    const outcome = await execute(session, username, command);
    await sql`
      update cron.job_run_details
      set status = ${outcome.status}, return_message = ${outcome.message},
        end_time = clock_timestamp()
      where runid = ${run?.runid}
    `;
  } catch {
    // The database is going away. Like pg_cron, this leaves such a run as `running`.
  } finally {
    await session.end().catch(() => {});
  }
}

async function execute(
  session: Sql,
  username: string,
  command: string,
): Promise<{ status: string; message: string }> {
  try {
    await session`select set_config('session_authorization', ${username}, false)`;
    const result = await session.unsafe(command).simple();
    return { status: "succeeded", message: commandTag(result) };
  } catch (error) {
    return { status: "failed", message: `ERROR:  ${(error as Error).message}\n` };
  }
}

function commandTag(result: unknown): string {
  // A command of several statements answers with a list of results. The last one is reported.
  const results = Array.isArray(result) && Array.isArray(result[0]) ? result : [result];
  const last = results.at(-1) as { command?: string; count?: number; length: number };
  if (last.command === "SELECT") return `${last.length} row${last.length === 1 ? "" : "s"}`;
  const command = last.command === "INSERT" ? "INSERT 0" : last.command;
  return [command, last.count].filter((part) => part != null).join(" ");
}
