import assert from "node:assert/strict";
import { isTerminal } from "../../../shared/core/job/job_row.ts";
import type { World } from "./world.ts";

/** What a scenario did to its jobs; `violations` names each rule that was broken. */
export interface Verdict {
  jobs: number;
  lost: number;
  unexpected: number;
  /** Jobs that were made although their client got no reply. */
  recovered: number;
  /** Effects beyond one per job. */
  duplicates: number;
  repeated: number;
  outcomes: Record<string, number>;
  violations: string[];
}

/** Queries for rows that break a rule. Each returns a job's id. */
const RULES: Record<string, string> = {
  "attempts are numbered 1..n without gaps": `
    select j.id from jobs as j left join public.jobforge_job_attempts as a
      on a.tenant_id = j.tenant_id and a.job_id = j.id
    group by j.id, j.attempts, j.status
    having count(a.attempt_no) <> j.attempts
      or coalesce(max(a.attempt_no), 0) <> j.attempts or count(distinct a.attempt_no) <> j.attempts`,
  "no more attempts than allowed": `select j.id from jobs as j where j.attempts > j.max_attempts`,
  "no two leases of a job overlap": `
    select j.id from (
      select a.job_id as id, a.started_at,
        lag(a.finished_at) over (partition by a.job_id order by a.attempt_no) as ended_at
      from public.jobforge_job_attempts as a join jobs as j
        on j.tenant_id = a.tenant_id and j.id = a.job_id
    ) as j where j.started_at < j.ended_at`,
  "a failed attempt is not repeated before its backoff": `
    select j.id from (
      select a.job_id as id, a.started_at, t.backoff_base_ms,
        lag(a.finished_at) over w as ended_at, lag(a.outcome) over w as outcome
      from public.jobforge_job_attempts as a
      join jobs as j on j.tenant_id = a.tenant_id and j.id = a.job_id
      join jobforge.job_types as t on t.type = j.type
      where j.payload ->> 'retry_after_ms' is null and j.type like 'chaos.%'
      window w as (partition by a.job_id order by a.attempt_no)
    ) as j where j.outcome = 'errored'
      and j.started_at < j.ended_at + j.backoff_base_ms / 2.0 * interval '1 ms'`,
  "a result exists only where a job succeeded": `
    select j.id from jobs as j join public.jobforge_job_results as r
      on r.tenant_id = j.tenant_id and r.job_id = j.id
    where j.status <> 'succeeded'`,
  "what succeeded with a result keeps it": `
    select j.id from jobs as j
    where j.status = 'succeeded' and j.type = 'chaos.effect' and not exists (
      select from public.jobforge_job_results as r
      where r.tenant_id = j.tenant_id and r.job_id = j.id
        and (r.result ->> 'attempt')::int = j.attempts)`,
  "a job that is open lies in one place, another in none": `
    select j.id from jobs as j left join (
      select id from jobforge.ready union all select id from jobforge.scheduled
      union all select id from jobforge.quarantined union all select id from jobforge.unclaimed
      union all select id from jobforge.newcomers union all select unnest(ids) from jobforge.leases
    ) as placed using (id)
    group by j.id, j.finished_at having count(placed.id) <> (j.finished_at is null)::int`,
  "the last attempt agrees with the state": `
    select j.id from jobs as j join public.jobforge_job_attempts as a
      on a.tenant_id = j.tenant_id and a.job_id = j.id and a.attempt_no = j.attempts
    where (j.status = 'succeeded') <> (a.outcome = 'succeeded')
      or j.status = 'dead' and j.attempts - j.attempts_before_retry <> j.max_attempts - j.attempts_before_retry`,
};

/** Compares the database with what its clients saw. Broken rules are in the verdict. */
export async function check(world: World): Promise<Verdict> {
  const { ledger, receiver, sql } = world;
  const tenants = ledger.tenants();
  // The rules join what was written a moment ago. Without statistics that takes a minute.
  await sql`analyze jobforge.jobs, public.jobforge_job_results, jobforge.unsuccessful_attempts`;
  const rows = await sql`
    select id, tenant_id, idempotency_key, status, type from public.jobforge_jobs
    where tenant_id = any (${tenants})`;
  const found = new Map(rows.map((row) => [row.id as string, row]));
  const ended = (id: string) => isTerminal(found.get(id)?.status ?? "queued");
  const violations: string[] = [];
  const wrong = [...ledger.known].filter(([id, { expected }]) =>
    ended(id) && expected !== "any" && found.get(id)!.status !== expected
  );
  if (wrong.length > 0) {
    const [id, { expected }] = wrong[0]!;
    violations.push(
      `${wrong.length} jobs ended otherwise than expected: ${id} is ` +
        `${found.get(id)!.status}, not ${expected}`,
    );
  }
  const perJob = Map.groupBy(receiver.effects, (each) => each.job);
  const early = receiver.effects.filter((each) =>
    each.at < (ledger.known.get(each.job)?.notBefore ?? 0)
  );
  if (early.length > 0) violations.push(`${early.length} starts before run_at`);
  const silent = rows.filter((row) =>
    row.type === "chaos.effect" && row.status === "succeeded" && !perJob.has(row.id)
  );
  if (silent.length > 0) violations.push(`${silent.length} jobs succeeded without having run`);
  for (const [rule, query] of Object.entries(RULES)) {
    const broken = await sql.unsafe(
      `with jobs as (select * from public.jobforge_jobs where tenant_id = any ($1)) ${query}`,
      [tenants],
    );
    if (broken.length > 0) {
      violations.push(`${rule}: ${broken.length} times, first ${broken[0]!.id}`);
    }
  }
  violations.push(...await miscounted(world, tenants));
  return {
    jobs: found.size,
    lost: [...ledger.known.keys()].filter((id) => !ended(id)).length,
    unexpected: receiver.effects.filter((each) => !found.has(each.job)).length,
    recovered: rows.filter((row) => ledger.unknown.has(`${row.tenant_id} ${row.idempotency_key}`))
      .length,
    duplicates: receiver.effects.length - perJob.size,
    repeated: ledger.repeated,
    outcomes: Object.fromEntries(
      [...Map.groupBy(rows, (row) => row.status)].map(([status, list]) => [status, list.length]),
    ),
    violations,
  };
}

async function miscounted({ sql }: World, tenants: string[]): Promise<string[]> {
  const rows = await sql`
    select q.queue, jobforge.queued(q.id)::int as queued, jobforge.running(q.id)::int as running,
      c.queued_rows, c.running_rows
    from jobforge.queues as q, lateral (
      select count(*) filter (where j.status in ('scheduled', 'queued'))::int as queued_rows,
        count(*) filter (where j.status = 'running')::int as running_rows
      from public.jobforge_jobs as j join jobforge.jobs as body using (tenant_id, id)
      where body.queue_id = q.id
    ) as c
    where q.tenant_id = any (${tenants})
      and (jobforge.queued(q.id) <> c.queued_rows or jobforge.running(q.id) <> c.running_rows)`;
  return rows.map((row) => `counters differ from rows: ${JSON.stringify(row)}`);
}

/** Throws with everything that is wrong with a verdict. */
export function demand({ lost, unexpected, violations }: Verdict): void {
  assert.deepEqual({ lost, unexpected, violations }, { lost: 0, unexpected: 0, violations: [] });
}
