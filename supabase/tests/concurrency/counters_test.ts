import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";
import { countByStatus, enqueue, makeQueue, miscounted } from "./actors.ts";

const CALLERS = 16;
const EACH = 100;

Deno.test("callers of one queue count beside each other, also while counters are compacted", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    await makeQueue(sql, tenantId);
    const [folder, ...callers] = await open(CALLERS + 1);
    let over = false;
    const compacting = (async () => {
      while (!over) await folder!`select jobforge.compact_counters(50)`;
    })();
    await Promise.all(callers.map(async (each) => {
      for (let i = 0; i < EACH; i++) await enqueue(each, tenantId);
    }));
    over = true;
    await compacting;
    assert.deepEqual(await countByStatus(sql), { queued: CALLERS * EACH });
    assert.deepEqual(await miscounted(sql), []);
    await sql`select jobforge.compact_counters(10000)`;
    const [row] = await sql`select count(*)::int as deltas from jobforge.queue_deltas`;
    assert.equal(row!.deltas, 1, "one row is left for the queue");
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("open enqueues hold up no caller of a queue with max_queued, and never exceed it", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    await makeQueue(sql, tenantId, { max_queued: 40 });
    const callers = await open(8);
    for (const each of callers) {
      await each`set lock_timeout = '2s'`;
      await each`begin`;
      await enqueue(each, tenantId, 2);
    }
    // Each open transaction keeps one of the eight rows of places, and what is free in it.
    await assert.rejects(enqueue(sql, tenantId), { code: "PT429" });
    await Promise.all(callers.map((each) => each`commit`));
    await enqueue(sql, tenantId, 24);
    await assert.rejects(enqueue(sql, tenantId), { code: "PT429" });
    assert.deepEqual(await countByStatus(sql), { queued: 40 });
    assert.deepEqual(await miscounted(sql), []);
  });
});
