import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { enqueue, maintain, settleAndClaim, startRun } from "./actors.ts";
import { setStage, type Stage } from "./stage.ts";

/** Tables in which only maintenance changes rows. */
const OF_MAINTENANCE = ["jobforge.maintenance_tasks", "jobforge.audit_chain"];

/** Tables of which a task deletes rows of the stage once they are free. */
const PRUNED = [
  ...["jobforge.alerts", "jobforge.closed_hosts", "jobforge.enqueue_volumes"],
  ...["jobforge.idempotency_keys", "jobforge.jobs"],
  ...["jobforge.metrics_by_minute", "jobforge.outcome_batches", "jobforge.runs"],
  ...["jobforge.secrets", "jobforge.webhook_refusals", "jobforge_received_webhooks"],
  "jobforge.watches",
];

/** Something of everything that a task handles. */
async function setAgedStage(sql: Sql): Promise<Stage> {
  const stage = await setStage(sql);
  const { tenant, connector } = stage;
  await sql`select from jobforge_enqueue_job(${tenant}, 'test', p_idempotency_key => 'kept')`;
  await sql`select from jobforge_enqueue_job(${tenant}, 'gone', p_idempotency_key => 'gone')`;
  await sql`select from jobforge_enqueue_job(${tenant}, 'test', p_idempotency_key => 'short',
    p_idempotency_ttl_seconds => 60)`;
  await sql`select jobforge_receive_webhook(${connector}, 'event', '{}')`;
  await sql`select jobforge_count_refusals(${sql.json([{ config_id: connector, refused: 1 }])})`;
  await sql`select from jobforge_rotate_secret(${tenant}, 'webhook', 'the next of enough characters')`;
  await sql`select jobforge_close_host(${tenant}, 'api.example.com', 60000)`;
  await sql`select jobforge_probe_worker()`;
  await sql`select jobforge_watch_jobs(null, ${tenant})`;
  const run = await startRun(sql);
  await settleAndClaim(sql, run, [], 5);
  await sql`select jobforge_finish_run(${run}, 'drained')`;
  await sql`select from jobforge_configure_schedule(${tenant}, 'hourly',
    '{"type": "test", "expression": "3600 seconds"}')`;
  await sql`
    insert into jobforge.alerts (rule, subject, severity, message, value, threshold, opened_at,
      seen_at, closed_at)
    values ('queue_waiting', ${tenant}, 'warning', 'was bad', 1, 1, now(), now(), now())`;
  await sql`
    insert into jobforge.enqueue_volumes
    select (jsonb_populate_record(v, '{"queue_id": 2147483647}')).*
    from jobforge.enqueue_volumes as v limit 1 on conflict do nothing`;
  // The key of a job that retention deleted.
  await sql`delete from jobforge.jobs where type = 'gone'`;
  return stage;
}

async function tables(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select oid::regclass::text as name from pg_class
    where relkind = 'r' and (relnamespace = 'jobforge'::regnamespace
      or relnamespace = 'public'::regnamespace and starts_with(relname, 'jobforge_'))
    order by 1`;
  return rows.map(({ name }) => name).filter((name) => !OF_MAINTENANCE.includes(name));
}

/** Rows by table, of all tenants or of one. */
async function counts(sql: Sql, names: string[], tenant?: string): Promise<Record<string, number>> {
  const of = tenant ? `where tenant_id = '${tenant}'` : "";
  const list = names.map((name) => `(select count(*)::int from ${name} ${of}) as "${name}"`);
  const [row] = await sql.unsafe(`select ${list.join(", ")}`);
  return { ...row };
}

Deno.test("no maintenance task waits for a row that a transaction holds", () =>
  withDatabase(async ({ sql, open }) => {
    await sql`select from jobforge_setup('http://127.0.0.1:9', 4)`;
    await setAgedStage(sql);
    const erased = await setAgedStage(sql);
    await maintain(sql);
    await sql`select jobforge_erase_tenant(${erased.tenant}, 1)`;
    await setAgedStage(sql);
    const names = await tables(sql);
    const [holder] = await open(1);
    await sql.unsafe(`create or replace function jobforge.clock() returns timestamptz
      language sql volatile set search_path = ''
      as 'select clock_timestamp() + interval ''400 days'''`);
    await holder!`begin`;
    for (const name of names) await holder!.unsafe(`select from ${name} for update`);
    const held = await counts(sql, names);
    await sql`set lock_timeout = '100ms'`;
    await maintain(sql);
    const failed = await sql`
      select name, last_error from jobforge.maintenance_tasks where failures > 0`;
    assert.deepEqual([...failed], []);
    await holder!`rollback`;
    await maintain(sql);
    const left = await counts(sql, names);
    const pruned = names.filter((name) => left[name]! < held[name]!);
    assert.deepEqual(PRUNED.filter((name) => !pruned.includes(name)), [], "it was all held");
  }));

Deno.test("an erasure deletes what it may beside rows that a transaction holds", () =>
  withDatabase(async ({ sql, open }) => {
    await sql`select from jobforge_setup('http://127.0.0.1:9', 4)`;
    const { tenant, run } = await setAgedStage(sql);
    await enqueue(sql, tenant, 5);
    await sql`select jobforge_finish_run(${run}, 'drained')`;
    const rows = await sql<{ name: string }[]>`
      select table_name::text as name from jobforge.tables_of_tenants() as table_name`;
    const names = ["jobforge.jobs", ...rows.map(({ name }) => name)];
    const [holder] = await open(1);
    await holder!`begin`;
    const held: string[] = [];
    for (const name of names) {
      const { count } = await holder!.unsafe(
        `select from ${name} where tenant_id = '${tenant}' limit 1 for update`,
      );
      if (count > 0) held.push(name);
    }
    assert.ok(held.length > 8, "the tenant has rows in most tables");
    await sql`set lock_timeout = '100ms'`;
    for (let batch = 0; batch < 3; batch++) await sql`select jobforge_erase_tenant(${tenant})`;
    const left = await counts(sql, held, tenant);
    assert.deepEqual(left, Object.fromEntries(held.map((name) => [name, 1])), "the held rows");
    await holder!`rollback`;
    for (let batch = 0; batch < 4; batch++) await sql`select jobforge_erase_tenant(${tenant})`;
    assert.deepEqual(Object.values(await counts(sql, held, tenant)).filter(Boolean), []);
  }));
