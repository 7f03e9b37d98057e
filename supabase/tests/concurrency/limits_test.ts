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

Deno.test("of 50 parallel enqueues one below max_queued exactly one is accepted", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    await sql`select from jobforge_configure_queue(${tenantId}, 'default', '{"max_queued": 20}')`;
    await enqueue(sql, tenantId, 19);
    const tries = await Promise.allSettled(
      (await open(50)).map((each) => each`select from jobforge_enqueue_job(${tenantId}, 'test')`),
    );
    const refused = tries.flatMap((each) => each.status === "rejected" ? [each.reason] : []);
    assert.equal(refused.length, 49);
    assert.deepEqual(
      new Set(refused.map((error) => `${error.code} ${error.detail}`)),
      new Set(["PT429 queue_full"]),
    );
    assert.deepEqual(await countByStatus(sql), { queued: 20 });
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("100 concurrent enqueues with one idempotency key make one job", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const rows = await Promise.all((await open(100)).map(async (each) => {
      const [row] = await each`
        select job_id, duplicate from jobforge_enqueue_job(${tenantId}, 'test', '{"n": 1}', 'once')
      `;
      return row!;
    }));
    assert.equal(new Set(rows.map((row) => row.job_id)).size, 1);
    assert.equal(rows.filter((row) => !row.duplicate).length, 1);
    assert.deepEqual(await countByStatus(sql), { queued: 1 });
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("batches with the same keys in opposite order do not deadlock", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const connections = await open(8);
    for (let round = 0; round < 10; round++) {
      const jobs = Array.from({ length: 50 }, (_, i) => ({
        type: "test",
        idempotency_key: `${round}-${i}`,
      }));
      await Promise.all(connections.map((each, i) => {
        const ordered = i % 2 ? jobs : [...jobs].reverse();
        return each`select count(*) from jobforge_enqueue_jobs(${tenantId}, ${each.json(ordered)})`;
      }));
    }
    assert.deepEqual(await countByStatus(sql), { queued: 500 });
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("a long transaction that enqueued stops neither enqueues, claims nor reports", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const [long, other] = await open(2);
    await enqueue(sql, tenantId);
    await long!`begin`;
    await enqueue(long!, tenantId);
    await sql`set statement_timeout = '5s'`;
    await other!`set statement_timeout = '5s'`;
    for (let i = 0; i < 19; i++) await enqueue(other!, tenantId);
    const runId = await startRun(sql);
    const { jobs } = await settleAndClaim(sql, runId, [], 20);
    assert.equal(jobs.length, 20);
    assert.equal((await settleAndClaim(sql, runId, jobs.map(succeeded), 10)).settled, 20);

    await long!`commit`;
    const late = await settleAndClaim(sql, runId, [], 10);
    assert.equal(late.jobs.length, 1, "its job is claimed once it is committed");
    await settleAndClaim(sql, runId, late.jobs.map(succeeded), 0);
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("a rolled back enqueue leaves nothing behind", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const [other] = await open(1);
    await other!`begin`;
    await other!`select from jobforge_enqueue_job(${tenantId}, 'test', '{}', 'key')`;
    await other!`rollback`;
    const [row] =
      await sql`select duplicate from jobforge_enqueue_job(${tenantId}, 'test', '{}', 'key')`;
    assert.equal(row!.duplicate, false);
    assert.deepEqual(await countByStatus(sql), { queued: 1 });
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("a second enqueue with a key waits for the first and then sees its job", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const [first, second] = await open(2);
    const pid = await backendPid(second!);
    await first!`begin`;
    await first!`select from jobforge_enqueue_job(${tenantId}, 'test', '{}', 'key')`;
    const waiting =
      second!`select duplicate from jobforge_enqueue_job(${tenantId}, 'test', '{}', 'key')`
        .execute();
    await untilBlocked(sql, pid);
    await first!`commit`;
    assert.equal((await waiting)[0]!.duplicate, true);
  });
});
