import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { enqueue } from "./actors.ts";

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
