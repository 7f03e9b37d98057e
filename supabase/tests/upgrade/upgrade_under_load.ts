import { connect } from "../../../local/postgres/database.ts";
import { migrate } from "../../../local/postgres/migrate.ts";
import { type Load, startLoad } from "./load.ts";
import type { Place } from "./place.ts";

/** What came of an upgrade. */
export interface Upgraded {
  /** Calls that were answered with an error. */
  refused: string[];
  /** Jobs whose callers got an answer, and which did not succeed. */
  lost: number;
  jobs: number;
  /** How often the migration was rolled back because a lock took longer than its lock_timeout. */
  lockTimeouts: number;
  /** Versions of the workers that had runs after the migration. */
  served: Set<string>;
}

const LIMIT_MS = 120_000;
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Upgrades a project while its callers make `total` jobs: the migration after a third of them, then
 * a start of the old worker on the new schema, and the new worker after two thirds.
 */
export async function upgradeUnderLoad(place: Place, total: number): Promise<Upgraded> {
  const { sql } = place;
  const load = await startLoad(place, total);
  await load.reached(total / 3);
  const lockTimeouts = await applyMigration(place);
  const [{ now }] = await sql`select clock_timestamp()::text as now` as [{ now: string }];
  await place.deploy(place.from);
  await load.reached(total * 2 / 3);
  if (load.refused.length === 0) {
    await until("a run of the old worker", () => hasRun(place, place.from, now));
    await place.deploy(place.to);
  }
  await load.done;
  await until(
    "the end of all jobs",
    async () => load.refused.length > 0 || await open(place) === 0,
  );
  return await result(place, load, lockTimeouts, now);
}

/** Applies the migration as `db push` does, again after a lock that was not to be had. */
async function applyMigration({ stack, migrations }: Place): Promise<number> {
  for (let lockTimeouts = 0;; lockTimeouts++) {
    try {
      await migrate(stack.dbUrl, { migrations });
      return lockTimeouts;
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as { code?: string };
      if (code !== LOCK_NOT_AVAILABLE || lockTimeouts === 20) throw error;
    }
  }
}

/** Waits until the worker of a version had a run since a time. A job wakes it. */
async function hasRun({ sql }: Place, version: string, since: string): Promise<boolean> {
  await sql`select jobforge.dispatch()`;
  const rows = await sql`
    select from jobforge.runs where worker_version = ${version} and started_at > ${since}::text::timestamptz
    limit 1`;
  return rows.length > 0;
}

async function open({ sql }: Place): Promise<number> {
  const [row] = await sql`
    select count(*)::int as jobs from jobforge.jobs where finished_at is null`;
  return row!.jobs;
}

async function result(
  { sql }: Place,
  { jobs, refused }: Load,
  lockTimeouts: number,
  since: string,
): Promise<Upgraded> {
  const ids = [...jobs];
  const [row] = await sql`
    select count(*)::int as jobs from public.jobforge_jobs
    where id = any (${ids}) and status = 'succeeded'`;
  const runs = await sql`
    select distinct worker_version as version from jobforge.runs
    where started_at > ${since}::text::timestamptz and state <> 'refused'`;
  const served = new Set(runs.map(({ version }) => version as string));
  return { refused, lost: ids.length - row!.jobs, jobs: ids.length, lockTimeouts, served };
}

/** Waits until `check` holds, for two minutes. */
export async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + LIMIT_MS; Date.now() < deadline;) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited two minutes for: ${what}`);
}

/** Runs `use` while a transaction holds rows of jobs, which a migration waits for. */
export async function whileHeld<T>({ stack }: Place, use: () => Promise<T>): Promise<T> {
  const other = connect(stack.adminDbUrl, { max: 1 });
  try {
    await other.unsafe("begin; lock table jobforge.jobs in share row exclusive mode");
    return await use();
  } finally {
    await other.end({ timeout: 0 });
  }
}
