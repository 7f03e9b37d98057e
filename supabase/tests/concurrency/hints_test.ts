import assert from "node:assert/strict";
import { connect, type Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { countByStatus, enqueue } from "./actors.ts";

/** What can go wrong outside of JobForge, as a superuser does it, and what the doctor then says. */
const FAULTS: [string, string, RegExp][] = [
  [
    "the right to post is revoked",
    "revoke execute on function net.http_post from public, postgres",
    /42501: permission denied for function http_post/,
  ],
  ["the schema net is gone", "drop schema net cascade", /3F000: schema "net" does not exist/],
  [
    "the function to post is gone",
    "drop function net.http_post",
    /42883: function net.http_post.* does not exist/,
  ],
  [
    "a trigger on pg_net's table raises",
    `create function net.refuse() returns trigger language plpgsql
       as $$ begin raise exception 'no more requests'; end $$;
     create trigger refuse before insert on net.http_request_queue
       for each row execute function net.refuse()`,
    /P0001: no more requests/,
  ],
  [
    "pg_net's table takes no more rows",
    "alter table net.http_request_queue add constraint none check (false) not valid",
    /23514: new row for relation "http_request_queue" violates/,
  ],
];

for (const [fault, statement, error] of FAULTS) {
  Deno.test(`when ${fault}, commits and dispatches go on`, async () => {
    await withDatabase(async ({ sql, adminUrl }) => {
      await sql`select from jobforge_setup('http://127.0.0.1:9')`;
      await sql`create table public.orders (id int)`;
      const admin = connect(adminUrl);
      await admin.unsafe(statement).finally(() => admin.end());
      await sql.begin(async (order) => {
        await order`insert into public.orders values (1)`;
        await enqueue(order as unknown as Sql, crypto.randomUUID());
      });
      const [orders] = await sql`select count(*)::int as n from public.orders`;
      assert.equal(orders!.n, 1, "the user's own row is committed");
      assert.deepEqual(await countByStatus(sql), { queued: 1 });
      await sql`update jobforge.runs set created_at = created_at - interval '5 seconds'`;
      const [dispatch] = await sql`select jobforge_dispatch() as calls`;
      assert.equal(dispatch!.calls, 1, "the dispatcher tries again");
      const [call] = await sql`select jobforge.last_call() as call`;
      assert.match(call!.call.error, error);
      const [answer] = await sql`select jobforge_doctor() as doctor`;
      const findings = answer!.doctor.findings as { name: string; ok: boolean; found: string }[];
      const post = findings.find(({ name }) => name === "post")!;
      assert.equal(post.ok, false);
      assert.match(post.found, error);
    });
  });
}

Deno.test("a lock on pg_net's table holds up no commit and no dispatch for long", async () => {
  await withDatabase(async ({ sql, adminUrl }) => {
    await sql`select from jobforge_setup('http://127.0.0.1:9')`;
    const admin = connect(adminUrl);
    try {
      await admin`begin`;
      await admin`lock table net.http_request_queue in access exclusive mode`;
      await unlessHeldUp(enqueue(sql, crypto.randomUUID()));
      await sql`update jobforge.runs set created_at = created_at - interval '5 seconds'`;
      await unlessHeldUp(sql`select jobforge_dispatch()`);
      const rows = await sql`select distinct answer_error from jobforge.runs`;
      assert.deepEqual(rows.map(({ answer_error }) => answer_error), [
        "55P03: canceling statement due to lock timeout",
      ]);
    } finally {
      await admin`rollback`;
      await admin.end();
    }
  });
});

Deno.test("a wake-up that fails leaves the commit alone and is read by the next dispatch", async () => {
  await withDatabase(async ({ sql }) => {
    await sql`select from jobforge_setup('http://127.0.0.1:9')`;
    await sql`alter function jobforge.has_room(timestamptz, text) rename to has_room_away`;
    await enqueue(sql, crypto.randomUUID());
    assert.deepEqual(await countByStatus(sql), { queued: 1 });
    await sql`alter function jobforge.has_room_away(timestamptz, text) rename to has_room`;
    const [dispatch] = await sql`select jobforge_dispatch() as calls`;
    assert.equal(dispatch!.calls, 1);
  });
});

Deno.test("a wake-up at repeatable read fails no commit when the queue was changed meanwhile", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    await sql`select from jobforge_configure_queue(${tenantId})`;
    const [caller] = await open(1);
    await caller!`begin isolation level repeatable read`;
    await enqueue(caller!, tenantId);
    await sql`select from jobforge_configure_queue(${tenantId}, 'default', '{"weight": 2}')`;
    await caller!`commit`;
    assert.deepEqual(await countByStatus(sql), { queued: 1 });
  });
});

/** Rejects after ten seconds. No timeout of a statement covers the triggers of its own commit. */
async function unlessHeldUp(work: PromiseLike<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("held up")), 10_000);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
