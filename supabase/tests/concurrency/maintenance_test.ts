import assert from "node:assert/strict";
import { connect, type Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { backendPid, enqueue, settleAndClaim, startRun, succeeded } from "./actors.ts";

interface Task {
  name: string;
  failures: number;
  last_error: string | null;
  done: boolean;
}

async function tasks(sql: Sql): Promise<Record<string, Task>> {
  const rows = await sql<Task[]>`
    select name, failures, last_error, last_succeeded_at is not null as done
    from jobforge.maintenance_tasks where name <> 'dispatch'`;
  return Object.fromEntries(rows.map((row) => [row.name, row]));
}

async function failing(sql: Sql): Promise<string[]> {
  return Object.values(await tasks(sql)).filter((task) => task.failures > 0)
    .map((task) => task.name);
}

/** Replaces the body of a task. */
async function replace(sql: Sql, body: string): Promise<void> {
  await sql.unsafe(`
    create or replace function jobforge.seal_audit(p_limit int) returns int
    language plpgsql set search_path = pg_catalog, pg_temp as $$ begin ${body} end $$`);
}

Deno.test("every task succeeds", async () => {
  await withDatabase(async ({ sql }) => {
    await sql`call jobforge.maintain()`;
    for (const task of Object.values(await tasks(sql))) {
      assert.deepEqual([task.name, task.done, task.failures], [task.name, true, 0]);
    }
  });
});

Deno.test("a task that fails undoes no other, and is recorded", async () => {
  await withDatabase(async ({ sql }) => {
    await replace(sql, "raise exception 'broken';");
    await sql`call jobforge.maintain()`;
    const states = await tasks(sql);
    assert.equal(states.seal_audit!.last_error, "P0001: broken");
    assert.deepEqual(await failing(sql), ["seal_audit"]);
    const done = Object.values(states).filter((task) => task.done);
    assert.equal(done.length, Object.keys(states).length - 1);
  });
});

Deno.test("a timeout of the statement stops one task and no other", async () => {
  await withDatabase(async ({ sql }) => {
    await replace(sql, "perform pg_sleep(20); return 0;");
    await sql`set statement_timeout = '1s'`;
    await sql`call jobforge.maintain()`;
    const states = await tasks(sql);
    assert.match(states.seal_audit!.last_error!, /^57014: canceling statement/);
    assert.deepEqual(await failing(sql), ["seal_audit"]);
    assert.ok(Object.values(states).every((task) => task.done || task.name === "seal_audit"));
  });
});

Deno.test("a task whose session dies is recorded by the next call, and the others are done", async () => {
  await withDatabase(async ({ sql, open }) => {
    await replace(sql, "perform pg_sleep(20); return 0;");
    const [cron] = await open(1);
    const pid = await backendPid(cron!);
    const killed = assert.rejects(cron!`call jobforge.maintain()`);
    killed.catch(() => {});
    await until(sql, pid, "PgSleep");
    await sql`select pg_terminate_backend(${pid})`;
    await killed;
    await replace(sql, "return 0;");
    await sql`update jobforge.maintenance_tasks set next_at = '-infinity' where name <> 'dispatch'`;
    const before = await tasks(sql);
    assert.ok(before.fire_schedules!.done, "what was done before stays done");
    await sql`call jobforge.maintain()`;
    const states = await tasks(sql);
    assert.equal(states.seal_audit!.last_error, "it did not finish");
    assert.ok(Object.values(states).every((task) => task.done));
  });
});

Deno.test("a task that runs holds up neither another call nor its other tasks", async () => {
  await withDatabase(async ({ sql, open }) => {
    await replace(sql, "perform pg_sleep(5); return 0;");
    const [cron] = await open(1);
    const pid = await backendPid(cron!);
    const slow = cron!`call jobforge.maintain()`.execute();
    slow.catch(() => {}); // when the test fails before its end
    await until(sql, pid, "PgSleep");
    await sql`update jobforge.maintenance_tasks set next_at = '-infinity' where name <> 'dispatch'`;
    await sql`call jobforge.maintain()`;
    const states = await tasks(sql);
    assert.ok(Object.values(states).every((task) => task.done !== (task.name === "seal_audit")));
    assert.equal(states.seal_audit!.failures, 0, "nor is it taken for one that was cut off");
    await sql`select pg_cancel_backend(${pid})`;
    await slow;
    assert.match((await tasks(sql)).seal_audit!.last_error!, /^57014: /);
  });
});

Deno.test("a publication of all tables makes nothing fail", async () => {
  await withDatabase(async ({ sql, adminUrl }) => {
    const admin = connect(adminUrl);
    await admin`create publication everything for all tables`.finally(() => admin.end());
    const tenantId = crypto.randomUUID();
    await enqueue(sql, tenantId, 5);
    const runId = await startRun(sql);
    const { jobs } = await settleAndClaim(sql, runId, [], 3);
    await settleAndClaim(sql, runId, jobs.map(succeeded), 1);
    await sql`select jobforge_finish_run(${runId}, 'drained')`;
    await sql`select jobforge_dispatch()`;
    await sql`call jobforge.maintain()`;
    assert.deepEqual(await failing(sql), []);
    const [left] = await sql`select count(*)::int as batches from jobforge.outcome_batches`;
    assert.equal(left!.batches, 0, "the outcomes were rolled up");
    await sql`select jobforge_erase_tenant(${tenantId}) from generate_series(1, 3)`;
  });
});

Deno.test("a job whose key another transaction holds is deleted later, and the key kept", async () => {
  await withDatabase(async ({ sql, open }) => {
    const [holder] = await open(1);
    const tenantId = crypto.randomUUID();
    const enqueueAgain = (on: Sql) =>
      on`select duplicate from jobforge_enqueue_job(
        p_tenant_id => ${tenantId}, p_type => 'test', p_idempotency_key => 'k')`;
    await enqueueAgain(sql);
    await enqueue(sql, tenantId, 1);
    const runId = await startRun(sql);
    const { jobs } = await settleAndClaim(sql, runId, [], 2);
    assert.equal(jobs.length, 2);
    await settleAndClaim(sql, runId, jobs.map(succeeded), 0);
    const deleteEnded = () =>
      sql`select (jobforge.delete_ended(${tenantId},
        jsonb_build_object('succeeded', now() + interval '1 hour'),
        '00000000-0000-0000-0000-000000000000', 10)).deleted`;
    await holder!`begin`;
    const [again] = await enqueueAgain(holder!);
    assert.equal(again!.duplicate, true);
    await sql`set lock_timeout = '2s'`;
    assert.equal((await deleteEnded())[0]!.deleted, 1, "the job without a key");
    await holder!`rollback`;
    assert.equal((await deleteEnded())[0]!.deleted, 1, "the other in the next pass");
    const [key] = await sql`
      select expires_at - now() between interval '29 days' and interval '30 days' as kept
      from jobforge.idempotency_keys`;
    assert.equal(key!.kept, true);
  });
});

Deno.test("a backlog is worked off in turns, in which other tasks have their turn", async () => {
  await withDatabase(async ({ sql }) => {
    await sql`
      insert into jobforge.idempotency_keys (tenant_id, type, key, request_hash, job_id, expires_at)
      select gen_random_uuid(), 'a', n::text, '', gen_random_uuid(), now() - interval '1 day'
      from generate_series(1, 23000) as n`;
    await sql`call jobforge.maintain()`;
    const [left] = await sql`select count(*)::int as keys from jobforge.idempotency_keys`;
    assert.equal(left!.keys, 0);
    assert.ok(Object.values(await tasks(sql)).every((task) => task.done));
  });
});

async function until(sql: Sql, pid: number, event: string): Promise<void> {
  for (let i = 0; i < 500; i++) {
    const [row] = await sql`
      select from pg_stat_activity where pid = ${pid} and wait_event = ${event}`;
    if (row) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`connection ${pid} did not come to ${event}`);
}
