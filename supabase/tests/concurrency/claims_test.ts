import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import {
  type ClaimedJob,
  countByStatus,
  enqueue,
  miscounted,
  type Outcome,
  settleAndClaim,
  startRun,
  succeeded,
} from "./actors.ts";

const JOBS = 20_000;
const BATCH = 20;
const TENANTS = 50;
const CLAIMERS = 16;

/** What the claimers see together: how many jobs of a tenant are held, and what went wrong. */
class Ledger {
  finished = new Set<string>();
  stale = 0;
  twice = 0;
  overCap = 0;
  #held = new Map<string, number>();
  constructor(readonly caps: Map<string, number>) {}

  take(job: ClaimedJob): void {
    if (this.finished.has(job.id)) this.twice++;
    const held = (this.#held.get(job.tenant_id) ?? 0) + 1;
    this.#held.set(job.tenant_id, held);
    if (held > (this.caps.get(job.tenant_id) ?? Infinity)) this.overCap++;
  }

  /** Given up before it is reported: a slot is never counted free too early in the database. */
  settle(job: ClaimedJob): Outcome {
    this.#held.set(job.tenant_id, this.#held.get(job.tenant_id)! - 1);
    const chance = Math.random();
    const { id, lease_token } = job;
    if (chance < 0.02) return { id, lease_token, outcome: "released" };
    if (chance < 0.05) {
      return { id, lease_token, outcome: "errored", retry_after_ms: chance < 0.04 ? 0 : 50 };
    }
    this.finished.add(id);
    return succeeded(job);
  }
}

async function drain(sql: Sql, limit: number, ledger: Ledger): Promise<void> {
  const runId = await startRun(sql);
  let outcomes: Outcome[] = [];
  const deadline = performance.now() + 120_000;
  while (ledger.finished.size < JOBS && performance.now() < deadline) {
    const reply = await settleAndClaim(sql, runId, outcomes, limit);
    ledger.stale += reply.stale.length;
    for (const job of reply.jobs) ledger.take(job);
    outcomes = reply.jobs.map((job) => ledger.settle(job));
    if (reply.jobs.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await settleAndClaim(sql, runId, outcomes, 0);
}

async function fill(sql: Sql, tenants: string[], count: number): Promise<void> {
  for (let left = count; left > 0; left -= BATCH) {
    await enqueue(sql, tenants[Math.floor(Math.random() * tenants.length)]!, BATCH);
  }
}

Deno.test("16 claimers on 50 tenants lose no job, wake every queue and break no cap", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenants = Array.from({ length: TENANTS }, () => crypto.randomUUID());
    const caps = new Map(tenants.flatMap((id, i) => i % 2 ? [[id, 1 + i % 7] as const] : []));
    for (const [id, cap] of caps) {
      await sql`select from jobforge_configure_queue(${id}, 'default', ${
        sql.json({ max_running: cap })
      })`;
    }
    const ledger = new Ledger(caps);
    const claimers = (await open(CLAIMERS)).map((each, i) =>
      drain(each, [1, 7, 50][i % 3]!, ledger)
    );
    const enqueuers = (await open(4)).map((each) => fill(each, tenants, JOBS / 4));
    await Promise.all([...enqueuers, ...claimers]);

    assert.deepEqual(await countByStatus(sql), { succeeded: JOBS });
    assert.equal(ledger.overCap, 0, "a cap was exceeded");
    assert.equal(ledger.twice, 0, "a finished job was claimed again");
    assert.equal(ledger.stale, 0, "an outcome with a current lease was refused");
    assert.deepEqual(await miscounted(sql), []);
    const [gaps] = await sql`
      select count(*)::int as jobs from jobforge_jobs as j
      where j.attempts <> (select count(*) from jobforge_job_attempts as a
        where a.tenant_id = j.tenant_id and a.job_id = j.id)
    `;
    assert.equal(gaps!.jobs, 0, "attempts are not recorded without gaps");
  });
});

Deno.test("a tenant with one job behind 200,000 of another starts within the next claim", async () => {
  await withDatabase(async ({ sql }) => {
    const [flooding, small] = [crypto.randomUUID(), crypto.randomUUID()];
    for (let i = 0; i < 200; i++) await enqueue(sql, flooding, 1000);
    const runId = await startRun(sql);
    for (let i = 0; i < 5; i++) {
      const { jobs } = await settleAndClaim(sql, runId, [], 50);
      await settleAndClaim(sql, runId, jobs.map(succeeded), 0);
    }
    await enqueue(sql, small);
    const { jobs } = await settleAndClaim(sql, runId, [], 10);
    assert.ok(jobs.some((job) => job.tenant_id === small));
  });
});

Deno.test("single-job claims under a steady trickle lose no wake-up", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const total = 2_000;
    let finished = 0;
    const [producer, ...claimers] = await open(5);
    const produce = async () => {
      for (let i = 0; i < total; i++) await enqueue(producer!, tenantId);
    };
    const consume = async (each: Sql) => {
      const runId = await startRun(each);
      const deadline = performance.now() + 60_000;
      while (finished < total && performance.now() < deadline) {
        const { jobs } = await settleAndClaim(each, runId, [], 1);
        if (jobs.length === 0) continue;
        const { settled } = await settleAndClaim(each, runId, jobs.map(succeeded), 0);
        finished += settled;
      }
    };
    await Promise.all([produce(), ...claimers.map(consume)]);
    assert.deepEqual(await countByStatus(sql), { succeeded: total });
    assert.deepEqual(await miscounted(sql), []);
  });
});
