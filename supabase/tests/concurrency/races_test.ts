import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";
import { countByStatus, enqueue, miscounted, settleAndClaim } from "./actors.ts";
import { startRun, succeeded } from "./actors.ts";

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

Deno.test("a completion waits for no cancel, and one that comes later ends the job as canceled", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const [worker, user] = await open(2);
    const runId = await startRun(worker!);
    await enqueue(sql, tenantId, 2);
    const { jobs } = await settleAndClaim(worker!, runId, [], 2);
    const [before, after] = jobs.map(succeeded);
    await worker!`set lock_timeout = '2s'`;
    await user!`begin`;
    for (const { id } of jobs) await user!`select from jobforge_cancel_job(${id}, ${tenantId})`;
    assert.equal((await settleAndClaim(worker!, runId, [before!], 0)).settled, 1);
    await user!`commit`;
    assert.equal((await settleAndClaim(worker!, runId, [after!], 0)).settled, 1);
    const ended = await sql`
      select id, status, cancel_requested_at is not null as requested from jobforge_jobs
      order by status`;
    assert.deepEqual([...ended], [
      { id: after!.id, status: "canceled", requested: true },
      { id: before!.id, status: "succeeded", requested: false },
    ]);
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
    // Two dispatches of different seconds may not see each other's calls. The start decides.
    const calls = await sql`
      select convert_from(body, 'utf8')::jsonb as ticket from net.http_request_queue`;
    assert.ok(calls.length >= 3 && calls.length <= 6, `${calls.length} calls`);
    await Promise.all((await open(calls.length)).map((each, n) => {
      const { run_id, ticket } = calls[n]!.ticket;
      return each`select from jobforge_start_run(${run_id}, ${ticket})`;
    }));
    const [runs] = await sql`select count(*)::int as live from jobforge.runs where state = 'live'`;
    assert.equal(runs!.live, 3);
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
    while ((await sql`select from jobforge.newcomers limit 1`).length > 0) {
      await sql`select jobforge_dispatch()`;
    }
    assert.deepEqual(await countByStatus(sql), { scheduled: 20_000 });
    await sql`update jobforge.jobs set run_at = now()`;
    await sql`update jobforge.scheduled set run_at = now()`;
    await sql`update jobforge.queues set wake_at = now()`;
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
