import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";
import { enqueue, miscounted } from "./actors.ts";

Deno.test("eight open enqueues make the ninth queue_full early, and the error has by how much", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    await sql`select from jobforge_configure_queue(${tenantId}, 'default', '{"max_queued": 80}')`;
    await sql`select jobforge.spread_slots()`;
    const holders = await open(8);
    for (const [n, holder] of holders.entries()) {
      await holder`begin`;
      await holder`select from jobforge_enqueue_job(${tenantId}, 'test')`;
      if (n === 6) await enqueue(sql, tenantId);
    }
    const refused = await sql`select from jobforge_enqueue_job(${tenantId}, 'test')`.then(
      () => undefined,
      (error) => error,
    );
    assert.deepEqual([refused?.code, refused?.detail], ["PT429", "queue_full"]);
    const { limit, remaining, retry_after, held } = JSON.parse(refused.hint);
    assert.deepEqual([limit, remaining, retry_after, held], [80, 0, 1, 79]);
    assert.match(refused.message, /0 free places, and 79 more that open transactions hold/);
    await holders[0]!`commit`;
    await enqueue(sql, tenantId, 8);
    await Promise.all(holders.slice(1).map((holder) => holder`rollback`));
    await enqueue(sql, tenantId, 70);
    const full = await sql`select from jobforge_enqueue_job(${tenantId}, 'test')`.catch((e) => e);
    assert.deepEqual(JSON.parse(full.hint), { limit: 80, remaining: 0, retry_after: 5, held: 0 });
    assert.deepEqual(await miscounted(sql), []);
  });
});
