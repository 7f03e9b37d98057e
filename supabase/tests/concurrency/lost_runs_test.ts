import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";
import { countByStatus, enqueue, miscounted, settleAndClaim, startRun } from "./actors.ts";

Deno.test("reclaiming many lost runs in one transaction holds up no other call", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    await sql`select from jobforge_configure_queue(${tenantId}, 'default', '{"max_queued": 99}')`;
    await sql`select jobforge.spread_slots()`;
    await enqueue(sql, tenantId, 40);
    const lost = await Promise.all([1, 2, 3, 4, 5].map(() => startRun(sql)));
    const held = [];
    for (const runId of lost) held.push(...(await settleAndClaim(sql, runId, [], 4)).jobs);
    const live = await startRun(sql);
    const { jobs: own } = await settleAndClaim(sql, live, [], 4);
    await sql`update jobforge.runs set lease_expires_at = now() - interval '1 second'
      where id <> ${live}`;

    const [holder, other] = await open(2);
    await holder!`begin`;
    await holder!`select jobforge.reclaim_lost_runs(now(), now() + interval '1 minute')`;
    const [ended] = await holder!`
      select count(*)::int as runs from jobforge.runs where state = 'lost'`;
    assert.equal(ended!.runs, 5);
    await other!`set statement_timeout = '1500ms'`;
    await enqueue(other!, tenantId);
    const outcomes = own.map(({ id, lease_token }) => ({
      ...{ id, lease_token, outcome: "succeeded" as const },
    }));
    const { settled, jobs } = await settleAndClaim(other!, live, outcomes, 4);
    assert.deepEqual([settled, jobs.length], [4, 4]);
    await other!`select jobforge_heartbeat(${live})`;
    await other!`select jobforge_cancel_job(${held[0]!.id}, ${tenantId})`;
    await other!`select jobforge_dispatch()`;
    await holder!`commit`;
    assert.deepEqual(await countByStatus(sql), { queued: 33, running: 4, succeeded: 4 });
    assert.deepEqual(await miscounted(sql), []);
  });
});
