import type { Sql } from "../../../local/postgres/database.ts";
import type { Ledger } from "./ledger.ts";
import type { Fleet } from "./workers.ts";

/** The parts of the world that a description covers. */
interface Observed {
  api: { url: string };
  sql: Sql;
  fleet: Fleet;
  ledger: Ledger;
  lastDispatch: string;
}

/** Lines of each worker's log that a failure shows. */
const LOG_LINES = 6;

const QUERIES: Record<string, string> = {
  jobs: `
    select j.type, j.status, max(j.attempts) as attempts, count(*)::int as jobs,
      min(j.run_at)::text as first_due
    from public.jobforge_jobs as j where j.tenant_id = any ($1) group by 1, 2`,
  queues: `
    select q.runnable, q.blocked, s.paused, q.wake_at::text, count(*)::int as queues,
      sum(jobforge.queued(q.id))::int as queued, sum(jobforge.running(q.id))::int as running
    from jobforge.queues as q join public.jobforge_queues as s using (tenant_id, queue)
    where q.tenant_id = any ($1) group by 1, 2, 3, 4`,
  places: `
    select (select count(*)::int from jobforge.ready) as ready,
      (select count(*)::int from jobforge.scheduled) as scheduled,
      (select count(*)::int from jobforge.quarantined) as quarantined,
      (select count(*)::int from jobforge.unclaimed) as unclaimed,
      (select count(*)::int from jobforge.newcomers) as newcomers,
      (select count(*)::int from jobforge.leases) as leases,
      (select count(*)::int from jobforge.wakeups) as wakeups,
      (select count(*)::int from jobforge.parked_queues) as parked`,
  runs: `
    select r.state, r.end_reason, count(*)::int as runs, sum(r.claimed)::int as claimed,
      sum(r.held)::int as held, round(extract(epoch from now() - max(r.created_at)))::int
        as youngest_s,
      round(extract(epoch from max(r.lease_expires_at) - now()))::int as lease_left_s
    from jobforge.runs as r where r.created_at > now() - interval '5 minutes' group by 1, 2`,
  settings: `select s.project_url, s.max_runs, s.run_capacity from jobforge.settings as s`,
  calls_waiting: `
    select count(*)::int as calls, min(q.id)::int as first from net.http_request_queue as q`,
  calls_answered: `
    select r.status_code, left(coalesce(r.error_msg, r.content), 120) as answer,
      count(*)::int as calls, max(r.created)::text as last
    from net._http_response as r where r.created > now() - interval '3 minutes'
    group by 1, 2 order by 4 desc limit 8`,
  connections: `
    select a.usename, a.state, a.wait_event_type, a.wait_event, left(a.query, 80) as query,
      count(*)::int as connections,
      round(extract(epoch from now() - min(a.xact_start)))::int as oldest_transaction_s
    from pg_stat_activity as a
    where a.datname = current_database() and a.pid <> pg_backend_pid()
      and a.backend_type = 'client backend'
    group by 1, 2, 3, 4, 5 order by 7 desc nulls last limit 8`,
};

/** A wait that came to nothing, with what the system looked like at its end. */
export class WaitedInVain extends Error {
  override name = "WaitedInVain";

  constructor(message: string, readonly situation: string) {
    super(message);
  }
}

/** Throws WaitedInVain: what was waited for, for how long, and what the system looks like. */
export async function giveUp(world: Observed, what: string, waitedMs: number): Promise<never> {
  const message = `waited ${Math.round(waitedMs / 1000)} s for ${what}`;
  throw new WaitedInVain(message, await describeSituation(world));
}

/** Returns how many jobs of the scenario were claimed at least once, or undefined on an error. */
export async function startedJobs({ sql, ledger }: Observed): Promise<number | undefined> {
  const [row] = await sql`
    select count(*)::int as jobs from public.jobforge_jobs
    where tenant_id = any (${ledger.tenants()}) and (attempts > 0 or status = 'running')`
    .catch(() => []);
  return row?.jobs;
}

/** Returns what jobs, queues, runs, calls, connections and workers look like, a line each. */
export async function describeSituation(world: Observed): Promise<string> {
  const tenants = world.ledger.tenants();
  const lines = [`ledger: ${world.ledger.known.size} jobs, ${world.ledger.repeated} repeats`];
  for (const [name, query] of Object.entries(QUERIES)) {
    const parameters = query.includes("$1") ? [tenants] : [];
    const rows = await world.sql.unsafe(query, parameters).catch((error) => [String(error)]);
    lines.push(`${name}: ${rows.map((row) => JSON.stringify(row)).join(" ") || "none"}`);
  }
  lines.push(`last dispatch: ${world.lastDispatch}`, `Data API: ${await answerOf(world.api.url)}`);
  world.fleet.workers.forEach(({ process, frozen, runs, lastAnswer }, index) => {
    const state = frozen ? "frozen" : process.pid === undefined ? "not running" : "running";
    lines.push(
      `worker ${index}: ${state}, ${runs.size} tickets in hand, last answer ${lastAnswer}`,
    );
    for (const line of world.fleet.logs(index).slice(-LOG_LINES)) lines.push(`  ${line}`);
  });
  return lines.join("\n");
}

async function answerOf(url: string): Promise<string> {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await reply.body?.cancel();
    return `answers ${reply.status}`;
  } catch (error) {
    return `no answer (${(error as Error).message})`;
  }
}
