import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";
import { countByStatus, enqueue, miscounted } from "./actors.ts";

const CALLERS = 16;
const SHARDS = 2 * CALLERS;
const EACH = 150;

Deno.test("callers of one queue count in a free shard, and find one each time", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    await enqueue(sql, tenantId, 1);
    await sql`
      insert into jobforge.queue_tallies (queue_id, side, shard)
      select q.id, 'e', -s from jobforge_queues as q, generate_series(2, ${SHARDS}) as s
    `;
    await Promise.all((await open(CALLERS)).map(async (each) => {
      for (let i = 0; i < EACH; i++) {
        await each`select from jobforge_enqueue_job(${tenantId}, 'test')`;
      }
    }));
    // A caller without a shard makes one, and may wait for it while it holds another.
    const [row] = await sql`
      select count(*)::int as shards from jobforge.queue_tallies where side = 'e'
    `;
    assert.equal(row!.shards, SHARDS);
    assert.deepEqual(await countByStatus(sql), { queued: CALLERS * EACH + 1 });
    assert.deepEqual(await miscounted(sql), []);
  });
});
