import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import {
  backendPid,
  countByStatus,
  enqueue,
  makeQueue,
  miscounted,
  settleAndClaim,
  startRun,
  untilBlocked,
} from "./actors.ts";

const PAUSE = 7_000_001;

/** Jobs that ended without success, made for one tenant. */
async function enqueueCanceled(sql: Sql, tenantId: string, count: number): Promise<void> {
  await enqueue(sql, tenantId, count);
  await sql`select jobforge_cancel_jobs(${tenantId}, p_dry_run => false)`;
}

Deno.test("a bulk change skips a job that a claim is starting", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    await makeQueue(sql, tenantId);
    await enqueue(sql, tenantId, 3);
    const [holder] = await open(1);
    const runId = await startRun(sql);
    await sql`set lock_timeout = '2s'`;
    await holder!`begin`;
    assert.equal((await settleAndClaim(holder!, runId, [], 1)).jobs.length, 1);
    const [row] = await sql`
      select jobforge_cancel_jobs(${tenantId}, p_dry_run => false) as answer`;
    await holder!`rollback`;
    assert.deepEqual([row!.answer.count, row!.answer.skipped], [2, 1]);
    assert.deepEqual(await countByStatus(sql), { queued: 1, canceled: 2 });
  });
});

Deno.test("a bulk change leaves alone what changed after it was found", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    await enqueueCanceled(sql, tenantId, 2);
    // Finds jobs as before, then waits for the holder of the pause.
    await sql`alter function jobforge.find_jobs rename to find_at_once`;
    await sql.unsafe(`
      create function jobforge.find_jobs(uuid, jobforge.job_filter, boolean, uuid, int)
      returns jobforge.found_jobs language plpgsql as $$
      declare v_found jobforge.found_jobs := jobforge.find_at_once($1, $2, $3, $4, $5);
      begin
        perform pg_advisory_xact_lock(${PAUSE});
        return v_found;
      end $$`);
    const [operator, holder] = await open(2);
    const pid = await backendPid(operator!);
    await holder!`begin`;
    await holder!`select pg_advisory_xact_lock(${PAUSE})`;
    const retrying = operator!`
      select jobforge_retry_jobs(${tenantId}, '{"status": "canceled"}', p_dry_run => false) as answer`;
    const answered = retrying.then(([row]) => row!.answer);
    await untilBlocked(sql, pid);
    const [job] = await sql`select id from jobforge_jobs limit 1`;
    await sql`select jobforge_retry_job(${job!.id}, ${tenantId})`;
    await holder!`commit`;
    const answer = await answered;
    assert.deepEqual([answer.count, answer.skipped], [1, 1]);
    assert.deepEqual(await countByStatus(sql), { queued: 2 });
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("retention skips a job that another transaction retries", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    await enqueueCanceled(sql, tenantId, 3);
    const [holder] = await open(1);
    await sql`set lock_timeout = '2s'`;
    await holder!`begin`;
    await holder!`select jobforge_retry_job(id, ${tenantId}) from jobforge_jobs limit 1`;
    const [row] =
      await sql`select jobforge.delete_expired_jobs(clock_timestamp() + interval '100 days', 100) as deleted`;
    await holder!`rollback`;
    assert.equal(row!.deleted, 2);
  });
});

Deno.test("retention skips a job that was retried after it was found", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    await enqueueCanceled(sql, tenantId, 2);
    // The deletion waits for the holder of the pause when it has found both jobs.
    await sql.unsafe(`
      alter function jobforge.weighed_jobs rename to found_jobs;
      create function jobforge.weighed_jobs(uuid, uuid, uuid, int)
      returns table (id uuid, status text, finished_at timestamptz, weight int, weight_before bigint)
      language plpgsql as $$
      begin
        return query select * from jobforge.found_jobs($1, $2, $3, $4);
        perform pg_advisory_xact_lock_shared(${PAUSE});
      end $$`);
    const [cleaner, holder] = await open(2);
    const pid = await backendPid(cleaner!);
    await holder!`begin`;
    await holder!`select pg_advisory_xact_lock(${PAUSE})`;
    const cleaning =
      cleaner!`select jobforge.delete_expired_jobs(clock_timestamp() + interval '100 days', 100) as deleted`;
    const deleted = cleaning.then(([row]) => row!.deleted);
    await untilBlocked(sql, pid);
    await sql`select jobforge_retry_job(id, ${tenantId}) from jobforge_jobs limit 1`;
    await holder!`commit`;
    assert.equal(await deleted, 1);
    assert.deepEqual(await countByStatus(sql), { queued: 1 });
  });
});

Deno.test("a retry skips jobs that retention deletes in the same instant", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    await enqueueCanceled(sql, tenantId, 2);
    // The first deletion waits for the holder of the pause, when both jobs are locked.
    await sql.unsafe(`
      create function jobforge.pause() returns trigger language plpgsql as $$
      begin
        perform pg_advisory_xact_lock_shared(${PAUSE});
        return old;
      end $$;
      create trigger pause before delete on jobforge.jobs
        for each row execute function jobforge.pause()`);
    const [cleaner, holder] = await open(2);
    const pid = await backendPid(cleaner!);
    await cleaner!.unsafe("set enable_hashjoin = off; set enable_mergejoin = off");
    await sql`set lock_timeout = '2s'`;
    await holder!`begin`;
    await holder!`select pg_advisory_xact_lock(${PAUSE})`;
    const cleaning =
      cleaner!`select jobforge.delete_expired_jobs(clock_timestamp() + interval '100 days', 100) as deleted`;
    const deleted = cleaning.then(([row]) => row!.deleted);
    await untilBlocked(sql, pid);
    const [row] = await sql`
      select jobforge_retry_jobs(${tenantId}, '{"status": "canceled"}', p_dry_run => false) as answer`;
    assert.deepEqual([row!.answer.count, row!.answer.skipped], [0, 2]);
    await holder!`commit`;
    assert.equal(await deleted, 2);
    assert.deepEqual(await countByStatus(sql), {});
  });
});
