import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { backendPid, countByStatus, miscounted, untilBlocked } from "./actors.ts";

async function makeEndpoint(sql: Sql, tenantId: string): Promise<string> {
  const config = { scheme: "stripe", job_type: "stripe.event" };
  const [row] = await sql`
    select jobforge_configure_connector(
      ${tenantId}, 'webhook-verify', 'default', ${sql.json(config)}, '{vault:hook}') as id
  `;
  return row!.id;
}

async function receive(
  sql: Sql,
  id: string,
  key: string,
): Promise<{ job_id: string; duplicate: boolean }> {
  const [row] = await sql`select jobforge_receive_webhook(${id}, ${key}, '{"n": 1}') as answer`;
  return row!.answer;
}

Deno.test("100 concurrent copies of a webhook make one job", async () => {
  await withDatabase(async ({ sql, open }) => {
    const id = await makeEndpoint(sql, crypto.randomUUID());
    const answers = await Promise.all((await open(100)).map((each) => receive(each, id, "evt_1")));
    assert.equal(new Set(answers.map((answer) => answer.job_id)).size, 1);
    assert.equal(answers.filter((answer) => !answer.duplicate).length, 1);
    assert.deepEqual(await countByStatus(sql), { queued: 1 });
    const [received] = await sql`select count(*)::int as count from jobforge_received_webhooks`;
    assert.equal(received!.count, 1);
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("a copy waits for the first one and makes the job when that is rolled back", async () => {
  await withDatabase(async ({ sql, open }) => {
    const id = await makeEndpoint(sql, crypto.randomUUID());
    const [first, second] = await open(2);
    const pid = await backendPid(second!);
    await first!`begin`;
    await receive(first!, id, "evt_1");
    const waiting = receive(second!, id, "evt_1");
    await untilBlocked(sql, pid);
    await first!`rollback`;
    assert.equal((await waiting).duplicate, false);
    assert.deepEqual(await countByStatus(sql), { queued: 1 });
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("another event does not wait for one that is being received", async () => {
  await withDatabase(async ({ sql, open }) => {
    const id = await makeEndpoint(sql, crypto.randomUUID());
    const [first, second] = await open(2);
    await receive(sql, id, "evt_0");
    await first!`begin`;
    await receive(first!, id, "evt_1");
    await second!`set statement_timeout = '5s'`;
    assert.equal((await receive(second!, id, "evt_2")).duplicate, false);
    await first!`commit`;
    assert.deepEqual(await countByStatus(sql), { queued: 3 });
  });
});

Deno.test("20 concurrent rotations get a number each, and three versions are left", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    await sql`select jobforge_set_secret(${tenantId}, 'hook', 'v')`;
    const versions = await Promise.all((await open(20)).map(async (each) => {
      const [row] =
        await each`select version from jobforge_rotate_secret(${tenantId}, 'hook', 'v')`;
      return row!.version as number;
    }));
    assert.deepEqual(versions.sort((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i + 2));
    const left = await sql`select version from jobforge.secrets order by version`;
    assert.deepEqual(left.map((row) => row.version), [19, 20, 21]);
    const stored = await sql`select name from vault.secrets where name like ${`%${tenantId}%`}`;
    assert.equal(stored.length, 3);
  });
});

/** The two changes that must agree on one secret, and the reason of the one that comes second. */
const CHANGES: [string, (sql: Sql, tenantId: string) => Promise<unknown>, RegExp][] = [
  [
    "a secret",
    (sql, tenantId) => sql`select jobforge_set_secret(${tenantId}, 'hook', 'short')`,
    /^p_value must have at least 16 bytes/,
  ],
  ["an endpoint", makeEndpoint, /^p_secret_refs: the secret hook must have at least 16 bytes/],
];

for (const [at, [what, change]] of CHANGES.entries()) {
  Deno.test(`${what} that is being changed is seen by the check of the other`, async () => {
    await withDatabase(async ({ sql, open }) => {
      const tenantId = crypto.randomUUID();
      const [first, second] = await open(2);
      const [, other, message] = CHANGES[1 - at]!;
      const pid = await backendPid(second!);
      await first!`begin`;
      await change(first!, tenantId);
      const waiting = other(second!, tenantId).then(() => "done", (error) => error.message);
      await untilBlocked(sql, pid);
      await first!`commit`;
      assert.match(await waiting, message);
    });
  });
}
