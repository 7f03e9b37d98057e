import { delay } from "../../../local/system.ts";
import { check, demand, type Verdict } from "./checker.ts";
import { describeSituation, startedJobs, WaitedInVain } from "./situation.ts";
import { repair, type World } from "./world.ts";

/** A process of a worker takes seconds to start where others want the processor, too. */
const START_MS = 120_000;

/** One row of the matrix. */
export interface Scenario {
  id: string;
  fault: string;
  /** Jobs at scale 1. */
  load: number;
  /** Fewest jobs that still show it, 40 by default. */
  least?: number;
  /** Breaks things while `jobs` jobs run, and waits for their end. Returns its own figures. */
  run(world: World, jobs: number): Promise<string>;
}

/** What came of a scenario. */
export interface Outcome extends Verdict {
  id: string;
  fault: string;
  seconds: number;
  figures: string;
}

/** A scenario that failed: the reason, and below it what the system looked like. */
export class ScenarioFailed extends Error {
  override name = "ScenarioFailed";
}

/**
 * Runs a scenario.
 * Throws ScenarioFailed unless it could start, nothing was lost and every rule held.
 */
export async function play(world: World, scenario: Scenario, scale: number): Promise<Outcome> {
  const started = performance.now();
  try {
    await repair(world);
    return await judge(world, scenario, scale);
  } catch (error) {
    const seconds = Math.round((performance.now() - started) / 1000);
    const failure = await explain(world, scenario.id, seconds, error as Error);
    await setAside(world);
    throw failure;
  }
}

async function judge(world: World, scenario: Scenario, scale: number): Promise<Outcome> {
  const { id, fault, load, least = 40 } = scenario;
  const started = performance.now();
  const before = await deadlocks(world);
  const figures = await scenario.run(world, Math.max(least, Math.round(load * scale)));
  const verdict = await check(world);
  const after = await deadlocks(world);
  // A crash empties the statistics.
  const caused = after < before ? after : after - before;
  if (caused > 0) verdict.violations.push(`${caused} deadlocks`);
  demand(verdict);
  const seconds = Math.round((performance.now() - started) / 1000);
  return { id, fault, seconds, figures, ...verdict };
}

async function explain(
  world: World,
  id: string,
  seconds: number,
  cause: Error,
): Promise<ScenarioFailed> {
  const made = world.ledger.known.size;
  const ran = await startedJobs(world);
  const fate = ran === 0 ? `could not start: none of its ${made} jobs ran` : "failed";
  const situation = cause instanceof WaitedInVain
    ? cause.situation
    : await describeSituation(world);
  return new ScenarioFailed(`${id} ${fate}, after ${seconds} s: ${cause.message}\n${situation}`, {
    cause,
  });
}

/** Pauses the queues of a failed scenario, so that what it left is not in the way of the next. */
async function setAside({ sql, ledger }: World): Promise<void> {
  await sql`
    select public.jobforge_configure_queue(q.tenant_id, q.queue, '{"paused": true}')
    from public.jobforge_queues as q where q.tenant_id = any (${ledger.tenants()})`.catch(() => {});
}

async function deadlocks({ sql }: World): Promise<number> {
  const [row] = await sql`
    select deadlocks::int from pg_stat_database where datname = current_database()`;
  return row!.deadlocks;
}

/** A tenant of its own. */
export function tenant(): string {
  return crypto.randomUUID();
}

/** `count` values, each made by `make`. */
export function several<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Calls the dispatcher until a run holds jobs of the scenario. */
export async function untilHeld(world: World, limitMs = START_MS): Promise<void> {
  await world.until("jobs that run", async () => {
    await world.dispatch();
    return await held(world) > 0;
  }, limitMs);
}

/** Jobs of the scenario that are held by a run, or by the runs named. */
export async function held(world: World, runIds?: number[]): Promise<number> {
  const { sql, ledger } = world;
  const [row] = await sql`
    select coalesce(sum(cardinality(ids)), 0)::int as jobs from jobforge.leases
    where tenant_id = any (${ledger.tenants()})
      and (${runIds === undefined} or run_id = any (${runIds ?? []}))`;
  return row!.jobs;
}

/** Attempts of the scenario that ended in the runs named, after a time. */
export async function attemptsIn(world: World, runIds: number[], after = "-infinity") {
  const { sql, ledger } = world;
  const [row] = await sql`
    select count(*)::int as attempts from (
      select tenant_id, run_id, finished_at from jobforge.unsuccessful_attempts
      union all
      select tenant_id, run_id, finished_at from jobforge.jobs where status = 'succeeded'
    ) as ended
    where run_id = any (${runIds}) and tenant_id = any (${ledger.tenants()})
      and finished_at > ${after}::text::timestamptz`;
  return row!.attempts as number;
}

/** Ends every run that lives or is about to start, so that none polls. */
export async function silence(world: World): Promise<void> {
  const { fleet } = world;
  fleet.reachable = false;
  let silentLooks = 0;
  await world.until("an idle system", async () => {
    const rows = await world
      .sql`select id::int from jobforge.runs where state in ('pending', 'live')`;
    await world.expire(rows.map((row) => row.id));
    await world.dispatch();
    await delay(200);
    silentLooks = rows.length === 0 ? silentLooks + 1 : 0;
    return silentLooks === 3;
  });
  fleet.reachable = true;
}

/** Makes what waits for a later time due now. */
export async function bringForward({ sql, ledger }: World): Promise<void> {
  await sql`
    with moved as (
      update jobforge.scheduled set run_at = now() where tenant_id = any (${ledger.tenants()})
      returning tenant_id, id, queue_id),
    body as (
      update jobforge.jobs as j set run_at = now() from moved
      where j.tenant_id = moved.tenant_id and j.id = moved.id)
    insert into jobforge.wakeups (queue_id) select distinct queue_id from moved`;
}

/** An AssertionError's worth of a sentence. */
export function require(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}
