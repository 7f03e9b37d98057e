import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import type { Random } from "../fixtures/random.ts";
import { type Claimed, Model, type ModelJob, type Outcome } from "./model.ts";

/** The tenants of a sequence. */
export const TENANTS = [
  "11111111-1111-4111-8111-111111111111",
  "22222222-2222-4222-8222-222222222222",
];

type Step = (sequence: Sequence) => Promise<string | undefined>;

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
  async step(): Promise<void> {
    for (let isDone = false; !isDone;) {
      const [name, step] = this.random.pick(STEPS);
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
      select id, status, attempts, max_attempts, lease_expiries,
        (extract(epoch from run_at) * 1000)::float8 as run_at,
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
        has_result: status === "succeeded",
        ...(status === "queued" ? { run_at: runAt } : {}),
      };
      const found = Object.fromEntries(Object.keys(expected).map((name) => [name, row[name]]));
      assert.deepEqual(found, expected, `job ${row.id}`);
    }
    const [invalid] = await this.sql`
      select count(*)::int as jobs from jobforge_jobs
      where scheduled and status <> 'queued'
        or cancel_requested_at is not null and status not in ('running', 'canceled')`;
    assert.equal(invalid!.jobs, 0, "jobs that are scheduled or stopping and ought not to be");
    const counters = await this.sql`
      select q.tenant_id, jobforge.queued(q.id)::int as queued,
        jobforge.running(q.id)::int as running
      from jobforge_queues as q`;
    for (const { tenant_id, queued, running } of counters) {
      const of = (status: string) =>
        [...this.model.jobs.values()].filter((job) =>
          job.tenantId === tenant_id && job.status === status
        ).length;
      assert.deepEqual({ queued, running }, { queued: of("queued"), running: of("running") });
    }
  }

  /** At the end: every attempt that ended is on record, once. */
  async compareAttempts(): Promise<void> {
    const rows = await this.sql`
      select job_id, array_agg(attempt_no || ' ' || outcome order by attempt_no) as ended
      from jobforge_job_attempts group by job_id`;
    const found = Object.fromEntries(rows.map((row) => [row.job_id, row.ended]));
    assert.deepEqual(found, Object.fromEntries(this.model.ended));
  }
}

async function enqueue({ sql, model, random }: Sequence): Promise<string> {
  model.now += 1;
  await sql`select set_config('tests.now', ${new Date(model.now).toISOString()}, true)`;
  const tenantId = random.pick(TENANTS);
  const [priority, maxAttempts] = [random.int(-1, 1), random.int(1, 3)];
  const runAt = model.now + random.pick([0, 0, 0, 5_000, 60_000]);
  const [row] = await sql`
    select job_id from jobforge_enqueue_job(p_tenant_id => ${tenantId}, p_type => 'model.job',
      p_priority => ${priority}, p_max_attempts => ${maxAttempts},
      p_run_at => ${new Date(runAt).toISOString()})`;
  model.jobs.set(row!.job_id, {
    ...{ id: row!.job_id, tenantId, priority, maxAttempts, runAt },
    ...{
      status: "queued",
      attempts: 0,
      attemptsBeforeRetry: 0,
      expiries: 0,
      cancelRequested: false,
    },
  });
  return `${row!.job_id} priority ${priority} in ${runAt - model.now}`;
}

async function startRun({ sql, model }: Sequence): Promise<string> {
  const [row] = await sql`select run_id from jobforge_start_run(p_capacity => 100)`;
  model.startRun(row!.run_id);
  return row!.run_id;
}

async function claim(sequence: Sequence): Promise<string | undefined> {
  const { sql, model, random } = sequence;
  const runId = sequence.liveRun();
  if (!runId) return undefined;
  const limit = random.int(1, 4);
  const [row] = await sql`select jobforge_claim_jobs(${runId}, ${limit}) as jobs`;
  const got = row!.jobs as Claimed[];
  const wrong = model.claim(runId, limit, TENANTS, got);
  assert.equal(wrong, undefined, `claim of ${limit} by ${runId}: ${wrong}`);
  return `${limit} by ${runId}: ${got.map((job) => job.id)}`;
}

async function settle(sequence: Sequence): Promise<string | undefined> {
  const { sql, model, random } = sequence;
  const runId = sequence.liveRun();
  if (!runId) return undefined;
  const held = model.held(runId);
  if (held.length === 0) return undefined;
  const job = random.pick(held);
  const outcome: Outcome = random.pick(["succeeded", "succeeded", "errored", "failed", "released"]);
  const isStale = random.next() < 0.2;
  const report = [{
    ...{ id: job.id, outcome, lease_token: job.token! - (isStale ? 1 : 0) },
    ...(outcome === "succeeded" ? { result: { ok: true } } : {}),
  }];
  const [row] = await sql`
    select jobforge_complete_jobs(${runId}, ${sql.json(report)}) as reply`;
  assert.equal(row!.reply.settled, isStale ? 0 : 1, "settled");
  model.runs.get(runId)!.leaseUntil = model.now + 45_000;
  if (isStale) return `${job.id} with an old token`;
  const [least, most] = model.backoff(job);
  model.settle(job, outcome);
  if (outcome === "errored" && job.status === "queued") await readBackoff(least, most);
  return `${job.id} ${outcome}`;

  /** Chance is part of the wait: within its bounds the database's word counts. */
  async function readBackoff(from: number, to: number): Promise<void> {
    const [found] = await sql`
      select (extract(epoch from run_at) * 1000)::float8 as run_at from jobforge_jobs
      where id = ${job.id}`;
    const wait = found!.run_at - model.now;
    assert.ok(wait >= from - 1 && wait <= to + 1, `a wait of ${wait}, not ${from} to ${to}`);
    job.runAt = found!.run_at;
  }
}

async function change(
  sequence: Sequence,
  meant: string[],
  apply: (job: ModelJob) => boolean,
  call: (sql: Sql, job: ModelJob) => Promise<unknown>,
): Promise<string | undefined> {
  const job = sequence.anyJob(meant);
  if (!job) return undefined;
  const before = job.status;
  const accepted = apply(job);
  const refusal = await sequence.attempt((sql) => call(sql, job));
  assert.equal(refusal, accepted ? undefined : "wrong_state", `${before} ${job.id}`);
  return `${job.id} while ${before}: ${refusal ?? "done"}`;
}

const cancel: Step = (sequence) =>
  change(
    sequence,
    ["queued", "running"],
    (job) => sequence.model.cancel(job),
    (sql, job) => sql`select jobforge_cancel_job(${job.id}, ${job.tenantId})`,
  );

const retry: Step = (sequence) =>
  change(
    sequence,
    ["dead", "failed", "canceled"],
    (job) => sequence.model.retry(job),
    (sql, job) => sql`select jobforge_retry_job(${job.id}, ${job.tenantId})`,
  );

const reschedule: Step = (sequence) => {
  const at = sequence.model.now + sequence.random.pick([0, 3_000, 40_000]);
  return change(
    sequence,
    ["queued"],
    (job) => sequence.model.reschedule(job, at),
    (sql, job) =>
      sql`select jobforge_reschedule_job(${job.id}, ${
        new Date(at).toISOString()
      }, ${job.tenantId})`,
  );
};

const advance: Step = async (sequence) => {
  const ms = sequence.random.pick([10, 1_000, 2_500, 10_000, 50_000]);
  sequence.model.now += ms;
  await sequence.setClock();
  return `${ms} ms`;
};

async function dispatch({ sql, model }: Sequence): Promise<string> {
  await sql`select jobforge_dispatch()`;
  model.dispatch();
  return "";
}

async function heartbeat(sequence: Sequence): Promise<string | undefined> {
  const runId = sequence.liveRun();
  if (!runId) return undefined;
  const [row] = await sequence.sql`select jobforge_heartbeat(${runId}) as reply`;
  const expected = sequence.model.heartbeat(runId);
  assert.deepEqual((row!.reply.abort as string[]).toSorted(), expected);
  return `${runId} aborts ${expected}`;
}

async function pause({ sql, model, random }: Sequence): Promise<string | undefined> {
  const tenantId = random.pick(TENANTS);
  if (![...model.jobs.values()].some((job) => job.tenantId === tenantId)) return undefined;
  const paused = !model.paused.has(tenantId);
  await sql`select jobforge_configure_queue(${tenantId}, 'default', ${sql.json({ paused })})`;
  if (paused) model.paused.add(tenantId);
  else model.paused.delete(tenantId);
  return `${tenantId} ${paused}`;
}

const STEPS: [string, Step][] = [
  ...repeated(3, "enqueue", enqueue),
  ...repeated(6, "claim", claim),
  ...repeated(6, "settle", settle),
  ...repeated(3, "advance", advance),
  ...repeated(2, "start_run", startRun),
  ...repeated(2, "dispatch", dispatch),
  ...repeated(3, "cancel", cancel),
  ...repeated(4, "retry", retry),
  ...repeated(1, "reschedule", reschedule),
  ...repeated(1, "heartbeat", heartbeat),
  ...repeated(1, "pause", pause),
];

function repeated(weight: number, name: string, step: Step): [string, Step][] {
  return Array.from({ length: weight }, () => [name, step]);
}
