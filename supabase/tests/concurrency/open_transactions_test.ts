import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import {
  type ClaimedJob,
  enqueue,
  makeQueue,
  miscounted,
  settleAndClaim,
  startRun,
  succeeded,
} from "./actors.ts";

/** What stands in the database before a transaction is left open. */
interface Scene {
  tenantId: string;
  /** Jobs of the tenant: one each that waits, is scheduled, runs and was canceled. */
  waiting: string;
  scheduled: string;
  running: string;
  canceled: string;
  runId: string;
  held: ClaimedJob[];
}

type Step = (holder: Sql, scene: Scene) => Promise<unknown>;

const LATER = new Date(Date.now() + 3_600_000).toISOString();

/** Every call of a tenant and its operator, done but not committed. */
const OPEN: Record<string, Step> = {
  "an enqueue": (holder, { tenantId }) => enqueue(holder, tenantId),
  "a batch": (holder, { tenantId }) => enqueue(holder, tenantId, 1000),
  "a scheduled job": (holder, { tenantId }) => enqueue(holder, tenantId, 1, { run_at: LATER }),
  "a tenant's first job": (holder) => enqueue(holder, crypto.randomUUID()),
  "an enqueue that called a worker": async (holder, { tenantId }) => {
    await enqueue(holder, tenantId);
    await holder`set constraints all immediate`;
  },
  "a cancel of a waiting job": (holder, { tenantId, waiting }) =>
    holder`select jobforge_cancel_job(${waiting}, ${tenantId})`,
  "a cancel of a running job": (holder, { tenantId, running }) =>
    holder`select jobforge_cancel_job(${running}, ${tenantId})`,
  "a cancel by filter": (holder, { tenantId }) =>
    holder`select jobforge_cancel_jobs(${tenantId}, p_dry_run => false)`,
  "a retry": (holder, { tenantId, canceled }) =>
    holder`select jobforge_retry_job(${canceled}, ${tenantId})`,
  "a retry by filter": (holder, { tenantId }) =>
    holder`select jobforge_retry_jobs(${tenantId}, '{"status": "canceled"}', p_dry_run => false)`,
  "a new time": (holder, { tenantId, scheduled }) =>
    holder`select jobforge_reschedule_job(${scheduled}, now(), ${tenantId})`,
  "a change of a limit": (holder, { tenantId }) => makeQueue(holder, tenantId, { max_running: 50 }),
  "a pause": (holder, { tenantId }) => makeQueue(holder, tenantId, { paused: true }),
};

async function setScene(sql: Sql): Promise<Scene> {
  const tenantId = crypto.randomUUID();
  const runId = await startRun(sql);
  await makeQueue(sql, tenantId);
  const make = async (options = {}) => {
    await enqueue(sql, tenantId, 1, options);
    const [row] = await sql`select id from jobforge_jobs order by id desc limit 1`;
    return row!.id as string;
  };
  const running = await make();
  const { jobs: held } = await settleAndClaim(sql, runId, [], 10);
  const canceled = await make();
  await sql`select jobforge_cancel_job(${canceled}, ${tenantId})`;
  const [waiting, scheduled] = [await make(), await make({ run_at: LATER })];
  return { tenantId, waiting, scheduled, running, canceled, runId, held };
}

for (const [name, step] of Object.entries(OPEN)) {
  Deno.test(`while ${name} stays open, nothing else waits`, async () => {
    await withDatabase(async ({ sql, open }) => {
      await sql`select from jobforge_setup('http://127.0.0.1:9', 3)`;
      const scene = await setScene(sql);
      const { tenantId, runId, held } = scene;
      const [holder, other] = await open(2);
      await holder!`begin`;
      await step(holder!, scene);
      for (const each of [sql, other!]) await each`set lock_timeout = '300ms'`;

      const neighbour = crypto.randomUUID();
      for (const caller of [tenantId, neighbour]) {
        await enqueue(other!, caller);
        await enqueue(other!, caller, 20);
        await other!`select from jobforge_enqueue_job(${caller}, 'test', '{}', 'a key')`;
      }
      const { jobs, settled } = await settleAndClaim(sql, runId, held.map(succeeded), 100);
      assert.equal(settled, 1, "the report counts");
      const took = (id: string) => jobs.filter((job) => job.tenant_id === id).length;
      assert.ok(took(tenantId) >= 22, `the tenant's jobs start: ${took(tenantId)}`);
      assert.equal(took(neighbour), 22, "those of others, too");
      await other!`select jobforge_dispatch()`;
      await settleAndClaim(sql, runId, jobs.map(succeeded), 100);

      await holder!`commit`;
      await other!`select jobforge_dispatch()`;
      const rest = await settleAndClaim(sql, runId, [], 1000);
      await settleAndClaim(sql, runId, rest.jobs.map(succeeded), 0);
      assert.deepEqual(await miscounted(sql), []);
      const [left] = await sql`select count(*)::int as jobs from jobforge.ready`;
      if (name !== "a pause") assert.equal(left!.jobs, 0, "what was committed late starts as well");
    });
  });
}

Deno.test("the first enqueues of a tenant do not wait for each other", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const callers = await open(5);
    for (const each of callers) {
      await each`set lock_timeout = '300ms'`;
      await each`begin`;
      await enqueue(each, tenantId);
    }
    await enqueue(sql, tenantId);
    const runId = await startRun(sql);
    assert.equal((await settleAndClaim(sql, runId, [], 10)).jobs.length, 1);
    for (const each of callers) await each`commit`;
    assert.equal((await settleAndClaim(sql, runId, [], 10)).jobs.length, 5);
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("a transaction that enqueued for many tenants deadlocks with none of the opposite order", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantIds = Array.from({ length: 20 }, () => crypto.randomUUID());
    for (const id of tenantIds) await makeQueue(sql, id, { max_queued: 1000 });
    await Promise.all((await open(4)).map(async (each, n) => {
      const order = n % 2 ? tenantIds : tenantIds.toReversed();
      for (let round = 0; round < 5; round++) {
        await each`begin`;
        for (const id of order) await enqueue(each, id);
        await each`commit`;
      }
    }));
    assert.deepEqual(await miscounted(sql), []);
    const [row] = await sql`select count(*)::int as jobs from jobforge_jobs`;
    assert.equal(row!.jobs, 4 * 5 * 20);
  });
});

for (
  const [name, call] of Object.entries({
    "the same job": (sql: Sql, { tenantId, waiting }: Scene) =>
      sql`select jobforge_cancel_job(${waiting}, ${tenantId})`,
    "the same running job": (sql: Sql, { tenantId, running }: Scene) =>
      sql`select jobforge_cancel_job(${running}, ${tenantId})`,
    "the same retry": (sql: Sql, { tenantId, canceled }: Scene) =>
      sql`select jobforge_retry_job(${canceled}, ${tenantId})`,
    "the same new time": (sql: Sql, { tenantId, scheduled }: Scene) =>
      sql`select jobforge_reschedule_job(${scheduled}, now(), ${tenantId})`,
    "the same settings": (sql: Sql, { tenantId }: Scene) =>
      sql`select from jobforge_configure_queue(${tenantId}, 'default', '{"weight": 2}')`,
    "the same idempotency key": (sql: Sql, { tenantId }: Scene) =>
      sql`select from jobforge_enqueue_job(${tenantId}, 'test', '{}', 'a key')`,
  })
) {
  Deno.test(`a second call for ${name} is busy after a second`, async () => {
    await withDatabase(async ({ sql, open }) => {
      const scene = await setScene(sql);
      const [holder] = await open(1);
      await holder!`begin`;
      await call(holder!, scene);
      await sql`set statement_timeout = '5s'`;
      const refused = await call(sql, scene).then(() => undefined, (error) => error);
      assert.deepEqual([refused?.code, refused?.detail], ["PT409", "busy"]);
      await holder!`commit`;
    });
  });
}
