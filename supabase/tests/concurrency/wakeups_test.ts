import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { type TestDatabase, withDatabase } from "../../../local/test/test_database.ts";
import { enqueue, settleAndClaim, startRun, succeeded } from "./actors.ts";

/** A tenant whose queue is awake and empty, with a run that has room. */
async function awake({ sql, open }: TestDatabase) {
  const tenantId = crypto.randomUUID();
  const [worker, user] = await open(2);
  const runId = await startRun(worker!);
  await enqueue(sql, tenantId, 2);
  const { jobs } = await settleAndClaim(worker!, runId, [], 1);
  const rest = await settleAndClaim(worker!, runId, jobs.map(succeeded), 1);
  await settleAndClaim(worker!, runId, rest.jobs.map(succeeded), 0);
  return { tenantId, worker: worker!, user: user!, runId };
}

async function wakeups(sql: Sql): Promise<number> {
  const [row] = await sql`select count(*)::int as count from jobforge.wakeups`;
  return row!.count;
}

async function claimed(sql: Sql, runId: string): Promise<number> {
  return (await settleAndClaim(sql, runId, [], 1)).jobs.length;
}

Deno.test("a job whose enqueue saw the queue awake is found although it was parked meanwhile", async () => {
  await withDatabase(async (database) => {
    const { tenantId, worker, user, runId } = await awake(database);
    await user`begin`;
    await user`select from jobforge_enqueue_job(${tenantId}, 'test')`;
    assert.equal(await wakeups(user), 0, "the enqueue relies on the queue");
    assert.equal(await claimed(worker, runId), 0);
    const [queue] = await database.sql`select runnable from jobforge.queues`;
    assert.equal(queue!.runnable, false);
    await user`commit`;
    assert.equal(await claimed(worker, runId), 1);
  });
});

Deno.test("a parked queue is looked at again as long as such an enqueue is open", async () => {
  await withDatabase(async (database) => {
    const { tenantId, worker, user, runId } = await awake(database);
    await user`begin`;
    await user`select from jobforge_enqueue_job(${tenantId}, 'test')`;
    for (let look = 0; look < 5; look++) assert.equal(await claimed(worker, runId), 0);
    await user`commit`;
    assert.equal(await claimed(worker, runId), 1);
  });
});

Deno.test("a parked queue is looked at no more once nothing can have been missed", async () => {
  await withDatabase(async (database) => {
    const { worker, runId } = await awake(database);
    // Transactions of other databases count as well.
    let parked: unknown[] = [1];
    for (let look = 0; look < 1_200 && parked.length > 0; look++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(await claimed(worker, runId), 0);
      parked = [...await database.sql`select from jobforge.parked_queues`];
    }
    assert.equal(parked.length, 0);
  });
});

Deno.test("an enqueue that looked before the queue was parked leaves a wake-up", async () => {
  await withDatabase(async (database) => {
    const { tenantId, worker, user, runId } = await awake(database);
    await user`begin isolation level repeatable read`;
    await user`select 1`;
    await user`select from jobforge.queues`;
    for (let look = 0; look < 4; look++) assert.equal(await claimed(worker, runId), 0);
    await user`select from jobforge_enqueue_job(${tenantId}, 'test')`;
    await user`commit`;
    assert.equal(await claimed(worker, runId), 1);
  });
});

Deno.test("enqueues into a sleeping queue leave one wake-up for all", async () => {
  await withDatabase(async (database) => {
    const { sql } = database;
    const { tenantId, worker, runId } = await awake(database);
    for (let look = 0; look < 4; look++) assert.equal(await claimed(worker, runId), 0);
    for (let job = 0; job < 5; job++) {
      await sql`select from jobforge_enqueue_job(${tenantId}, 'test')`;
    }
    assert.equal(await wakeups(sql), 1);
    assert.equal((await settleAndClaim(worker, runId, [], 9)).jobs.length, 5);
  });
});
