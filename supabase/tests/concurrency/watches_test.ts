import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { enqueue, settleAndClaim, startRun } from "./actors.ts";

/** Two jobs of a watched tenant that a run holds. */
async function watchedJobs(sql: Sql): Promise<{ tenant: string; settle(): Promise<number> }> {
  const tenant = crypto.randomUUID();
  await sql`select jobforge_watch_jobs(null, ${tenant})`;
  await enqueue(sql, tenant, 2);
  const run = await startRun(sql);
  const { jobs } = await settleAndClaim(sql, run, [], 2);
  return {
    tenant,
    settle: async () => {
      const { id, lease_token } = jobs.pop()!;
      const outcome = { id, lease_token, outcome: "succeeded" as const };
      return (await settleAndClaim(sql, run, [outcome], 0)).settled;
    },
  };
}

const sent = async (sql: Sql, tenant: string) => {
  const rows = await sql`select from realtime.messages where topic = ${`jobforge:${tenant}`}`;
  return rows.length;
};

Deno.test("nothing waits for an open transaction that watches or changes watched jobs", () =>
  withDatabase(async ({ sql, open }) => {
    const { tenant, settle } = await watchedJobs(sql);
    const [holder, user] = await open(2);
    for (const each of [sql, user!]) await each`set statement_timeout = '1500ms'`;
    await holder!`begin`;
    await holder!`select jobforge_watch_jobs(null, ${tenant})`;
    await holder!`update jobforge.watches set expires_at = expires_at where tenant_id = ${tenant}`;
    await holder!`select from jobforge_enqueue_job(${tenant}, 'test')`;
    const before = await sent(sql, tenant);
    await user!`select jobforge_watch_jobs(null, ${tenant})`;
    await user!`select from jobforge_enqueue_job(${tenant}, 'test')`;
    assert.equal(await settle(), 1);
    assert.equal(await sent(sql, tenant), before + 2, "what the others committed was sent");
    await holder!`rollback`;
    assert.equal(await sent(sql, tenant), before + 2, "what was rolled back was not");
  }));

Deno.test("no outcome waits for a lock on the table of Realtime", () =>
  withDatabase(async ({ sql, open }) => {
    const { tenant, settle } = await watchedJobs(sql);
    const before = await sent(sql, tenant);
    const [holder] = await open(1);
    await sql`set statement_timeout = '1500ms'`;
    await holder!`begin`;
    await holder!`lock table realtime.messages in access exclusive mode`;
    assert.equal(await settle(), 1);
    await holder!`rollback`;
    assert.equal(await sent(sql, tenant), before, "its hint is lost");
    assert.equal(await settle(), 1);
    assert.equal(await sent(sql, tenant), before + 1, "the next one is not");
  }));
