import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import type { Claimed, ModelJob, Outcome } from "./model.ts";
import { type Sequence, type Step, TENANTS } from "./sequence.ts";

const TYPES: readonly [string, string] = ["model.job", "model.rare"];

async function enqueue({ sql, model, random }: Sequence): Promise<string> {
  model.now += 1;
  await sql`select set_config('tests.now', ${new Date(model.now).toISOString()}, true)`;
  const tenantId = random.pick(TENANTS);
  const [priority, maxAttempts] = [random.int(-1, 1), random.int(1, 6)];
  const runAt = model.now + random.pick([0, 0, 0, 5_000, 60_000]);
  const type = random.pick([...TYPES, TYPES[0]]);
  const [row] = await sql`
    select job_id from jobforge_enqueue_job(p_tenant_id => ${tenantId}, p_type => ${type},
      p_priority => ${priority}, p_max_attempts => ${maxAttempts},
      p_run_at => ${new Date(runAt).toISOString()})`;
  const status = model.waiting(runAt);
  model.jobs.set(row!.job_id, {
    ...{ id: row!.job_id, tenantId, type, priority, maxAttempts, runAt, status },
    ...{ attempts: 0, attemptsBeforeRetry: 0, expiries: 0, cancelRequested: false },
    ...{ isNewcomer: !model.queues.has(tenantId), hasResult: false },
  });
  return `${row!.job_id} ${type} priority ${priority} in ${runAt - model.now}`;
}

async function startRun({ sql, model, random }: Sequence): Promise<string> {
  const types = random.pick([undefined, undefined, [TYPES[0]], [...TYPES]]);
  const [row] = await sql`select run_id from jobforge_start_run(p_capacity => 100)`;
  if (types) await sql`update jobforge.runs set types = ${types} where id = ${row!.run_id}`;
  model.startRun(row!.run_id, types);
  return `${row!.run_id} for ${types ?? "all types"}`;
}

async function finishRun(sequence: Sequence): Promise<string | undefined> {
  const runId = sequence.liveRun();
  if (!runId) return undefined;
  await sequence.sql`select jobforge_finish_run(${runId}, 'drained')`;
  sequence.model.finishRun(runId);
  return runId;
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
  const result = outcome === "succeeded" && random.next() < 0.5 ? { result: { ok: true } } : {};
  const token = isStale ? job.token! + 1_000_000 : job.token!;
  const report = [{ id: job.id, outcome, lease_token: token, ...result }];
  const [row] = await sql`
    select jobforge_complete_jobs(${runId}, ${sql.json(report)}) as reply`;
  assert.equal(row!.reply.settled, isStale ? 0 : 1, "settled");
  model.runs.get(runId)!.leaseUntil = model.now + 45_000;
  const [least, most] = model.backoff(job);
  if (!isStale) {
    model.settle(job, outcome);
    job.hasResult = "result" in result;
    if (outcome === "errored" && job.status === "scheduled") await readBackoff(least, most);
  }
  model.endOverdue(runId);
  return isStale ? `${job.id} with a foreign token` : `${job.id} ${outcome}`;

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

async function settleLease({ sql, model, random }: Sequence): Promise<string | undefined> {
  const live = [...model.runs.values()].filter((run) => run.live);
  const held = live.flatMap((run) => model.held(run.id));
  if (held.length === 0) return undefined;
  const { run, token } = random.pick(held);
  const report = [{ lease_token: token }];
  const [row] = await sql`
    select jobforge_complete_jobs(${run!}, ${sql.json(report as never)}) as reply`;
  const jobs = held.filter((job) => job.token === token);
  assert.equal(row!.reply.settled, jobs.length, "settled");
  model.runs.get(run!)!.leaseUntil = model.now + 45_000;
  for (const job of jobs) {
    model.settle(job, "succeeded");
    job.hasResult = false;
  }
  model.endOverdue(run!);
  return `${token}: ${jobs.map((job) => job.id)}`;
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
    ["scheduled", "queued", "running"],
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
    ["scheduled", "queued"],
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

/** A run that holds jobs is never heard of again. */
async function crash({ sql, model, random }: Sequence): Promise<string | undefined> {
  const runs = [...model.runs.values()].filter((run) => run.live && model.held(run.id).length > 0);
  if (runs.length === 0) return undefined;
  const run = random.pick(runs);
  run.leaseUntil = model.now - 1;
  await sql`
    update jobforge.runs set lease_expires_at = ${new Date(run.leaseUntil).toISOString()}
    where id = ${run.id}`;
  await sql`select jobforge_dispatch()`;
  model.dispatch();
  return run.id;
}

async function heartbeat(sequence: Sequence): Promise<string | undefined> {
  const runId = sequence.liveRun();
  if (!runId) return undefined;
  const [row] = await sequence.sql`select jobforge_heartbeat(${runId}) as reply`;
  const expected = sequence.model.heartbeat(runId);
  assert.deepEqual((row!.reply.abort as string[]).toSorted(), expected);
  return `${runId} aborts ${expected}`;
}

async function pause({ sql, model, random }: Sequence): Promise<string> {
  const tenantId = random.pick(TENANTS);
  const paused = !model.paused.has(tenantId);
  await sql`select jobforge_configure_queue(${tenantId}, 'default', ${sql.json({ paused })})`;
  model.queues.add(tenantId);
  if (paused) model.paused.add(tenantId);
  else model.paused.delete(tenantId);
  return `${tenantId} ${paused}`;
}

/** The steps of a sequence, the frequent ones several times. */
export const STEPS: readonly [string, Step][] = [
  ...repeated(3, "enqueue", enqueue),
  ...repeated(6, "claim", claim),
  ...repeated(6, "settle", settle),
  ...repeated(2, "settle_lease", settleLease),
  ...repeated(3, "advance", advance),
  ...repeated(4, "start_run", startRun),
  ...repeated(5, "crash", crash),
  ...repeated(1, "finish_run", finishRun),
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
