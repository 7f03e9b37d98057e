import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { backendPid, enqueue, untilBlocked } from "./actors.ts";

for (
  const [what, hold] of [
    [
      "the last free place of a queue",
      (holder: Sql, tenantId: string) => enqueue(holder, tenantId),
    ],
    [
      "the last occurrence of a tenant",
      (holder: Sql, tenantId: string) =>
        holder`select from jobforge.schedule_jobs where tenant_id = ${tenantId} for update`,
    ],
  ] as const
) {
  Deno.test(`a fan-out leaves out a tenant while another transaction holds ${what}`, () =>
    withDatabase(async ({ sql, open }) => {
      const [holder] = await open(1);
      const tenants = [1, 2, 3].map(() => crypto.randomUUID());
      const held = tenants[1]!;
      for (const tenantId of tenants) {
        await sql`select from jobforge_configure_queue(${tenantId}, 'default', '{"max_queued": 1}')`;
      }
      const settings = { type: "test", expression: "3600 seconds", overlap: "allow" };
      const [schedule] = await sql`
        select id from jobforge_configure_schedule(null, 'all', ${sql.json(settings)}, true)`;
      await sql`insert into jobforge.schedule_jobs
        select ${schedule!.id}, ${held}, now() - interval '1 day', null, null`;
      await holder!`begin`;
      await hold(holder!, held);
      const at = new Date();
      await sql`update jobforge_schedules set next_at = ${at}`;
      await sql`select jobforge.fire_schedules(${at}, 1000)`;
      const counted = async () => {
        const [row] =
          await sql`select started::int, failed::int, last_error from jobforge_schedules`;
        return [row!.started, row!.failed, row!.last_error];
      };
      assert.deepEqual(await counted(), [2, 0, null], "two start, and no error is recorded");
      await sql`select jobforge.fire_schedules(${at}, 1000)`;
      assert.deepEqual(await counted(), [2, 0, null], "as long as the transaction is open");
      await holder!`rollback`;
      await sql`select jobforge.fire_schedules(${at}, 1000)`;
      assert.deepEqual(await counted(), [3, 0, null], "then it starts");
      await sql`select jobforge.fire_schedules(${at}, 1000)`;
      const jobs = await sql`select tenant_id from jobforge_jobs`;
      assert.deepEqual(jobs.map((job) => job.tenant_id).sort(), tenants.toSorted(), "once each");
    }));
}

Deno.test("of the occurrences that a fan-out had to leave out for a tenant, the last one starts", () =>
  withDatabase(async ({ sql, open }) => {
    const [holder] = await open(1);
    const tenantId = crypto.randomUUID();
    await sql`select from jobforge_configure_queue(${tenantId}, 'default', '{"max_queued": 1}')`;
    const settings = { type: "test", expression: "3600 seconds", overlap: "allow" };
    await sql`select from jobforge_configure_schedule(null, 'all', ${sql.json(settings)}, true)`;
    await holder!`begin`;
    await enqueue(holder!, tenantId);
    const fire = async (at: Date) => {
      await sql`update jobforge_schedules set next_at = ${at}`;
      await sql`select jobforge.fire_schedules(${at}, 1000)`;
    };
    const [first, last] = [new Date(Date.now() - 60_000), new Date()];
    await fire(first);
    await fire(last);
    const left = await sql`select due_at from jobforge.postponed_starts`;
    assert.deepEqual(left.map((row) => row.due_at), [last]);
    await holder!`rollback`;
    await sql`select jobforge.fire_schedules(${last}, 1000)`;
    const [row] = await sql`
      select started::int, skipped::int, (select count(*)::int from jobforge_jobs) as jobs
      from jobforge_schedules`;
    assert.deepEqual(row, { started: 1, skipped: 1, jobs: 1 });
  }));

for (const [what, before] of [["first", []], ["next", [1]]] as const) {
  Deno.test(`two that start the ${what} occurrence of a tenant at once make one job`, () =>
    withDatabase(async ({ sql, open }) => {
      const [one, two] = await open(2);
      const tenantId = crypto.randomUUID();
      const settings = { type: "test", expression: "3600 seconds", overlap: "allow" };
      await sql`select from jobforge_configure_schedule(null, 'all', ${sql.json(settings)}, true)`;
      const start = async (by: Sql, day: number) => {
        const [row] = await by`
          select jobforge.start_occurrence(s, ${tenantId}, '2026-11-01'::timestamptz + ${day}::int
            * interval '1 day') as outcome from jobforge_schedules as s`;
        return row!.outcome;
      };
      for (const day of before) await start(sql, day);
      await one!`begin`;
      assert.equal(await start(one!, 2), "started");
      const pid = await backendPid(two!);
      const other = start(two!, 2);
      await untilBlocked(sql, pid);
      await one!`commit`;
      assert.equal(await other, "duplicate");
      const [row] = await sql`select count(*)::int as jobs from jobforge_jobs`;
      assert.equal(row!.jobs, before.length + 1);
    }));
}
