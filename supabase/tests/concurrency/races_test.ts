import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";
import {
  backendPid,
  countByStatus,
  enqueue,
  miscounted,
  settleAndClaim,
  startRun,
  succeeded,
  untilBlocked,
} from "./actors.ts";

Deno.test("of a cancel and a completion exactly one wins, and the result agrees", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const [worker, user] = await open(2);
    const runId = await startRun(worker!);
    for (let round = 0; round < 200; round++) {
      await enqueue(sql, tenantId);
      const { jobs } = await settleAndClaim(worker!, runId, [], 1);
      await Promise.allSettled([
        settleAndClaim(worker!, runId, jobs.map(succeeded), 0),
        user!`select from jobforge_cancel_job(${jobs[0]!.id}, ${tenantId})`,
      ]);
    }
    const counts = await countByStatus(sql);
    assert.equal((counts.succeeded ?? 0) + (counts.canceled ?? 0), 200);
    const [wrong] = await sql`
      select count(*)::int as jobs from jobforge_jobs as j
      where (j.status = 'succeeded') <> exists (
        select from jobforge_job_results as r where r.tenant_id = j.tenant_id and r.job_id = j.id)
    `;
    assert.equal(wrong!.jobs, 0);
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("a completion that waited for a cancel ends the job as canceled", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const [worker, user] = await open(2);
    const runId = await startRun(worker!);
    await enqueue(sql, tenantId, 2);
    const { jobs } = await settleAndClaim(worker!, runId, [], 2);
    const pid = await backendPid(worker!);
    await user!`begin`;
    await user!`select from jobforge_cancel_job(${jobs[0]!.id}, ${tenantId})`;
    const waiting = settleAndClaim(worker!, runId, jobs.map(succeeded), 0);
    await untilBlocked(sql, pid);
    await user!`commit`;
    assert.equal((await waiting).settled, 2);
    assert.deepEqual(await countByStatus(sql), { canceled: 1, succeeded: 1 });
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("a cancel and a claim of the same queued job never both succeed in moving it", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const [worker, user] = await open(2);
    const runId = await startRun(worker!);
    for (let round = 0; round < 100; round++) {
      const [job] = await sql`select job_id from jobforge_enqueue_job(${tenantId}, 'test')`;
      const [reply] = await Promise.all([
        settleAndClaim(worker!, runId, [], 1),
        user!`select from jobforge_cancel_job(${job!.job_id}, ${tenantId})`,
      ]);
      await settleAndClaim(worker!, runId, reply.jobs.map(succeeded), 0);
    }
    assert.deepEqual(await countByStatus(sql), { canceled: 100 });
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("50 dispatches at once start no more runs than max_runs", async () => {
  await withDatabase(async ({ sql, open }) => {
    await sql`select from jobforge_setup('http://127.0.0.1:9', 3)`;
    for (let i = 0; i < 20; i++) await enqueue(sql, crypto.randomUUID(), 100);
    await Promise.all((await open(50)).map((each) => each`select jobforge_dispatch()`));
    const [runs] =
      await sql`select count(*)::int as pending from jobforge.runs where state = 'pending'`;
    assert.equal(runs!.pending, 3);
  });
});

Deno.test("a lost run's jobs run again, and its late outcomes are refused", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const [zombie, worker] = await open(2);
    await enqueue(sql, tenantId, 10);
    const lost = await startRun(zombie!);
    const { jobs } = await settleAndClaim(zombie!, lost, [], 10);
    assert.equal(jobs.length, 10);
    await sql`update jobforge.runs set lease_expires_at = now() - interval '1 second' where id = ${lost}`;
    await Promise.all((await open(8)).map((each) => each`select jobforge_dispatch()`));

    const next = await startRun(worker!);
    const again = await settleAndClaim(worker!, next, [], 10);
    assert.deepEqual(again.jobs.map((job) => job.attempt), Array(10).fill(2));
    await assert.rejects(settleAndClaim(zombie!, lost, jobs.map(succeeded), 0), { code: "PT410" });
    const stolen = await settleAndClaim(worker!, next, jobs.map(succeeded), 0);
    assert.equal(stolen.stale.length, 10, "the old tokens count no more, with any run");
    assert.equal((await settleAndClaim(worker!, next, again.jobs.map(succeeded), 0)).settled, 10);
    assert.deepEqual(await countByStatus(sql), { succeeded: 10 });
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("20,000 jobs due at one instant drain without a deadlock", async () => {
  await withDatabase(async ({ sql, open }) => {
    const due = new Date(Date.now() + 86_400_000).toISOString();
    for (let i = 0; i < 20; i++) await enqueue(sql, crypto.randomUUID(), 1000, { run_at: due });
    await sql`update jobforge_jobs set run_at = now()`;
    let settled = 0;
    await Promise.all((await open(16)).map(async (each) => {
      const runId = await startRun(each);
      let outcomes: ReturnType<typeof succeeded>[] = [];
      const deadline = performance.now() + 60_000;
      while (settled < 20_000 && performance.now() < deadline) {
        const reply = await settleAndClaim(each, runId, outcomes, 100);
        settled += reply.settled;
        outcomes = reply.jobs.map(succeeded);
      }
    }));
    assert.deepEqual(await countByStatus(sql), { succeeded: 20_000 });
    assert.deepEqual(await miscounted(sql), []);
  });
});
