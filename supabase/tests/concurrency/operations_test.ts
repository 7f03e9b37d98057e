import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";
import {
  countByStatus,
  enqueue,
  maintain,
  makeQueue,
  miscounted,
  settleAndClaim,
  startRun,
} from "./actors.ts";

Deno.test("twenty callers that fire at once make one job of an occurrence", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const settings = { type: "test", expression: "0 3 * * *", overlap: "allow" };
    await sql`select from jobforge_configure_schedule(${tenantId}, 'a', ${sql.json(settings)})`;
    const connections = await open(20);
    for (let round = 1; round <= 10; round++) {
      await sql`
        insert into jobforge.occurrences select id, clock_timestamp() from jobforge_schedules`;
      await sql`update jobforge_schedules set next_at = (select min(due_at) from jobforge.occurrences)`;
      await Promise.all(
        connections.map((each) => each`select jobforge.fire_schedules(clock_timestamp(), 1000)`),
      );
      const [row] = await sql`select count(*)::int as jobs from jobforge_jobs`;
      assert.equal(row!.jobs, round);
    }
  });
});

Deno.test("a fan-out that many callers work at serves each tenant once", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantIds = Array.from({ length: 300 }, () => crypto.randomUUID());
    for (const tenantId of tenantIds) await makeQueue(sql, tenantId);
    const settings = { type: "fanned", expression: "3600 seconds", overlap: "allow" };
    await sql`select from jobforge_configure_schedule(null, 'all', ${sql.json(settings)}, true)`;
    await sql`update jobforge_schedules set next_at = clock_timestamp()`;
    const connections = await open(8);
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        connections.map((each) => each`select jobforge.fire_schedules(clock_timestamp(), 7)`),
      );
    }
    await maintain(sql);
    const [row] = await sql`
      select count(*)::int as jobs, count(distinct tenant_id)::int as tenants
      from jobforge_jobs where type = 'fanned'`;
    assert.deepEqual(row, { jobs: 300, tenants: 300 });
  });
});

Deno.test("a tenant that keeps an enqueue open holds up no schedule, not even its own", async () => {
  await withDatabase(async ({ sql, open }) => {
    const [slow, fast] = [crypto.randomUUID(), crypto.randomUUID()];
    const settings = { type: "test", expression: "3600 seconds" };
    for (const tenantId of [slow, fast]) {
      await sql`select from jobforge_configure_queue(${tenantId}, 'default', '{"max_queued": 10}')`;
      await sql`select from jobforge_configure_schedule(${tenantId}, 'a', ${sql.json(settings)})`;
    }
    const [holder] = await open(1);
    await holder!`begin`;
    await holder!`select from jobforge_enqueue_job(${slow}, 'test')`;
    await sql`update jobforge_schedules set next_at = clock_timestamp()`;
    await sql`set lock_timeout = '2s'`;
    await maintain(sql);
    const started = await sql`select tenant_id from jobforge_jobs where type = 'test'`;
    assert.deepEqual(started.map((row) => row.tenant_id).sort(), [slow, fast].sort());
    await holder!`rollback`;
  });
});

Deno.test("bulk changes wait for no report, and the counters stay right", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const [worker, user] = await open(2);
    const runId = await startRun(worker!);
    await enqueue(sql, tenantId, 200, { max_attempts: 1 });
    for (let round = 0; round < 40; round++) {
      const { jobs } = await settleAndClaim(worker!, runId, [], 20);
      await Promise.all([
        settleAndClaim(
          worker!,
          runId,
          jobs.map(({ id, lease_token }) => ({ id, lease_token, outcome: "errored" as const })),
          0,
        ),
        user!`select jobforge_cancel_jobs(${tenantId}, p_limit => 5, p_dry_run => false)`,
        sql`select jobforge_retry_jobs(${tenantId}, '{"status": ["dead", "canceled"]}',
          p_limit => 20, p_dry_run => false)`,
      ]);
    }
    assert.deepEqual(await miscounted(sql), []);
    const counts = await countByStatus(sql);
    assert.equal(Object.values(counts).reduce((sum, count) => sum + count, 0), 200);
  });
});

Deno.test("an erasure ends after the transactions that enqueued before it, and has their jobs", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    await makeQueue(sql, tenantId);
    const [holder] = await open(1);
    const erase = async () => {
      const [row] = await sql`select jobforge_erase_tenant(${tenantId}) ->> 'state' as state`;
      return row!.state;
    };
    await holder!`begin`;
    await enqueue(holder!, tenantId, 2);
    for (let call = 0; call < 5; call++) assert.equal(await erase(), "waiting");
    const other = sql`select from jobforge_configure_queue(${tenantId}, 'mail')`;
    await assert.rejects(other, { code: "PT403" });
    await assert.rejects(enqueue(sql, tenantId), { code: "PT403" });
    await holder!`commit`;
    let state = "";
    // It waits for transactions of other databases as well.
    for (let call = 0; call < 400 && state !== "finished"; call++) {
      state = await erase();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(state, "finished");
    const [left] = await sql`select count(*)::int as jobs from jobforge.jobs`;
    assert.equal(left!.jobs, 0);
  });
});

Deno.test("a tenant that goes on enqueuing is erased all the same", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const users = await open(6);
    const refused: string[] = [];
    let stop = false;
    const busy = users.map(async (each) => {
      while (!stop) {
        await each`select from jobforge_enqueue_job(${tenantId}, 'test')`
          .catch((error) => refused.push(error.code));
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    let state = "";
    for (let call = 0; call < 200 && state !== "finished"; call++) {
      const [row] = await sql`select jobforge_erase_tenant(${tenantId}, 50) ->> 'state' as state`;
      state = row!.state;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    stop = true;
    await Promise.all(busy);
    assert.equal(state, "finished");
    const [left] = await sql`
      select (select count(*)::int from jobforge.jobs) as jobs,
        (select count(*)::int from jobforge.ready) as ready,
        (select count(*)::int from jobforge.newcomers) as newcomers,
        (select count(*)::int from jobforge.queues) as queues,
        (select count(*)::int from jobforge_queues) as settings,
        (select count(*)::int from jobforge.queue_deltas) as deltas`;
    assert.deepEqual(left, { jobs: 0, ready: 0, newcomers: 0, queues: 0, settings: 0, deltas: 0 });
    assert.deepEqual([...new Set(refused)], ["PT403"]);
  });
});

Deno.test("audited operations side by side are all in the chain", async () => {
  await withDatabase(async ({ sql, open }) => {
    const connections = await open(8);
    await Promise.all(connections.map(async (each, n) => {
      for (let i = 0; i < 20; i++) {
        await each`
          select from jobforge_configure_queue(${crypto.randomUUID()}, ${`q${n}`}, '{"weight": 2}')`;
        if (i % 5 === 0) await each`select jobforge.seal_audit(1000)`;
      }
    }));
    await maintain(sql);
    const [row] = await sql`select jobforge_verify_audit() as answer`;
    assert.equal(row!.answer.intact, true);
    assert.equal(row!.answer.head.seq, 160);
  });
});
