import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import type { Random } from "../fixtures/random.ts";
import type { AttemptRow, FullJobRow } from "../../../shared/core/job/exact_rows.ts";
import { Model, type ModelJob } from "./model.ts";

/** The tenants of a sequence. */
export const TENANTS = [
  "11111111-1111-4111-8111-111111111111",
  "22222222-2222-4222-8222-222222222222",
];

/** A random call. Returns what it did, or undefined when it is not possible now. */
export type Step = (sequence: Sequence) => Promise<string | undefined>;

/** The columns of a row that are never null. */
type NeverNull<Row> = {
  [Name in keyof Row as null extends Row[Name] ? never : Name]: true;
};

const JOB_COLUMNS: NeverNull<FullJobRow> = {
  ...{ tenant_id: true, id: true, queue: true, type: true, status: true, priority: true },
  ...{ scheduled: true, run_at: true, attempts: true, max_attempts: true, timeout_ms: true },
  ...{ attempts_before_retry: true, lease_expiries: true, created_at: true },
};
const ATTEMPT_COLUMNS: NeverNull<AttemptRow> = {
  ...{ tenant_id: true, job_id: true, attempt_no: true, outcome: true },
  ...{ started_at: true, finished_at: true },
};

/** Random calls to a database, each held to the model at once. Runs in one transaction. */
export class Sequence {
  readonly model = new Model();
  readonly log: string[] = [];

  constructor(readonly sql: Sql, readonly random: Random) {}

  async begin(): Promise<void> {
    await this.setClock();
    // What a commit would do, at once.
    await this.sql`set constraints all immediate`;
    await this.sql.unsafe(`
      create or replace function jobforge.clock() returns timestamptz language sql volatile
      set search_path = '' as 'select current_setting(''tests.now'')::timestamptz'`);
  }

  async setClock(): Promise<void> {
    const now = new Date(this.model.now).toISOString();
    await this.sql`select set_config('tests.now', ${now}, true)`;
  }

  /** One random step that is possible now, and a look at everything. */
  async step(steps: readonly [string, Step][]): Promise<void> {
    for (let isDone = false; !isDone;) {
      const [name, step] = this.random.pick(steps);
      const detail = await step(this);
      if (detail !== undefined) this.log.push(`${name} ${detail}`);
      isDone = detail !== undefined;
    }
    await this.compare();
  }

  /** A call that may be refused. Undefined with the code in `refusal` when it was. */
  async attempt(call: (sql: Sql) => Promise<unknown>): Promise<string | undefined> {
    await this.sql`savepoint step`;
    try {
      await call(this.sql);
      return undefined;
    } catch (error) {
      await this.sql`rollback to savepoint step`;
      return (error as { detail?: string }).detail ?? String(error);
    }
  }

  /** A job, more often than not one in the states that are meant to be changed. */
  anyJob(meant: string[]): ModelJob | undefined {
    const jobs = [...this.model.jobs.values()];
    const fitting = jobs.filter((job) => meant.includes(job.status));
    const from = fitting.length > 0 && this.random.next() < 0.7 ? fitting : jobs;
    return from.length > 0 ? this.random.pick(from) : undefined;
  }

  liveRun(): string | undefined {
    const live = [...this.model.runs.values()].filter((run) => run.live);
    return live.length > 0 ? this.random.pick(live).id : undefined;
  }

  async compare(): Promise<void> {
    const rows = await this.sql`
      select *, (extract(epoch from run_at) * 1000)::float8 as run_at_ms,
        cancel_requested_at is not null and status = 'running' as stopping,
        exists (select from jobforge_job_results as r
          where r.tenant_id = j.tenant_id and r.job_id = j.id) as has_result
      from jobforge_jobs as j`;
    assert.equal(rows.length, this.model.jobs.size, "number of jobs");
    for (const row of rows) {
      const job = this.model.jobs.get(row.id)!;
      const { status, attempts, maxAttempts, expiries, cancelRequested, runAt } = job;
      const expected = {
        ...{ status, attempts, max_attempts: maxAttempts, lease_expiries: expiries },
        stopping: cancelRequested && status === "running",
        has_result: status === "succeeded" && job.hasResult,
        scheduled: status === "scheduled",
        ...(["scheduled", "queued"].includes(status) ? { run_at_ms: runAt } : {}),
      };
      const found = Object.fromEntries(Object.keys(expected).map((name) => [name, row[name]]));
      assert.deepEqual(found, expected, `job ${row.id}`);
      assertNoNull(row, JOB_COLUMNS);
    }
    await this.comparePlaces();
    await this.compareCounters();
  }

  /** A job that is open lies in one place, and one that has ended in none. */
  async comparePlaces(): Promise<void> {
    const invalid = await this.sql`
      with placed as (
        select id from jobforge.ready union all select id from jobforge.scheduled
        union all select id from jobforge.quarantined union all select id from jobforge.unclaimed
        union all select id from jobforge.newcomers
        union all select unnest(ids) from jobforge.leases)
      select j.id, j.status, j.cancel_requested_at,
        (select count(*)::int from placed where placed.id = j.id) as places
      from jobforge_jobs as j
      where (j.finished_at is null)::int <> (select count(*) from placed where placed.id = j.id)
        or cancel_requested_at is not null and status not in ('running', 'canceled')`;
    assert.deepEqual([...invalid], [], "jobs in the wrong number of places, or stopping");
  }

  async compareCounters(): Promise<void> {
    const counters = await this.sql`
      select q.tenant_id, jobforge.queued(q.id)::int as queued,
        jobforge.running(q.id)::int as running
      from jobforge.queues as q`;
    const made = counters.map((row) => row.tenant_id as string).sort();
    assert.deepEqual(made, [...this.model.queues].sort(), "tenants with a queue");
    for (const { tenant_id, queued, running } of counters) {
      const of = (...statuses: string[]) =>
        [...this.model.jobs.values()].filter((job) =>
          job.tenantId === tenant_id && statuses.includes(job.status) && !job.isNewcomer
        ).length;
      const expected = { queued: of("scheduled", "queued"), running: of("running") };
      assert.deepEqual({ queued, running }, expected);
    }
  }

  /** At the end: every attempt that ended is on record, once. */
  async compareAttempts(): Promise<void> {
    const rows = await this.sql`
      select job_id, array_agg(attempt_no || ' ' || outcome order by attempt_no) as ended
      from jobforge_job_attempts group by job_id`;
    const found = Object.fromEntries(rows.map((row) => [row.job_id, row.ended]));
    assert.deepEqual(found, Object.fromEntries(this.model.ended));
    const attempts = await this.sql`select * from jobforge_job_attempts`;
    for (const row of attempts) assertNoNull(row, ATTEMPT_COLUMNS);
  }
}

function assertNoNull(row: Record<string, unknown>, columns: Record<string, true>): void {
  const empty = Object.keys(columns).filter((name) => row[name] === null);
  assert.deepEqual(empty, [], "columns that are null, although their type says otherwise");
}
