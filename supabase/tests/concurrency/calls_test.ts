import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { enqueue } from "./actors.ts";

async function setup(sql: Sql, maxRuns: number): Promise<void> {
  await sql`select from jobforge_setup('http://127.0.0.1:9', ${maxRuns})`;
}

async function calls(sql: Sql): Promise<number> {
  const [row] = await sql`select count(*)::int as calls from net.http_request_queue`;
  return row!.calls;
}

/** Begins a transaction that has called a worker, and leaves it open. */
async function callAndHold(holder: Sql): Promise<void> {
  await holder`begin`;
  await holder`set constraints all immediate`;
  await enqueue(holder, crypto.randomUUID());
}

for (const maxRuns of [1, 4]) {
  Deno.test(`an open transaction that called a worker stops no other call, of ${maxRuns}`, async () => {
    await withDatabase(async ({ sql, open }) => {
      await setup(sql, maxRuns);
      const [holder] = await open(1);
      // Both in one second, where they share its slots.
      await untilSecondBegins(sql);
      await callAndHold(holder!);
      await enqueue(sql, crypto.randomUUID());
      assert.equal(await calls(sql), 1, "an enqueue of another tenant calls");
      await sql`delete from jobforge.runs`;
      const [row] = await sql`select jobforge_dispatch() as calls`;
      assert.equal(row!.calls, 1, "so does the dispatcher");
      await holder!`rollback`;
    });
  });
}

Deno.test("transactions that hold every slot of a second do not stop the dispatcher", async () => {
  await withDatabase(async ({ sql, open }) => {
    await setup(sql, 2);
    const holders = await open(4);
    await untilSecondBegins(sql);
    for (const holder of holders) await callAndHold(holder);
    await enqueue(sql, crypto.randomUUID());
    const [row] = await sql`select jobforge_dispatch() as calls`;
    assert.equal(await calls(sql), 1, "one call in all, and no waiting");
    assert.ok(row!.calls <= 1);
    for (const holder of holders) await holder`rollback`;
  });
});

Deno.test("of callers at one moment each gets a slot of its own or none", async () => {
  await withDatabase(async ({ open }) => {
    const callers = await open(16);
    const now = "2030-01-01 00:00:00+00";
    await Promise.all(callers.map((each) => each`begin`));
    const picked = await Promise.all(callers.map(async (each) => {
      const [row] = await each`select jobforge.pick_slot(${now}, 3, false) as slot`;
      return row!.slot as string | null;
    }));
    const slots = picked.filter((slot) => slot !== null);
    assert.equal(slots.length, 6, "three of this second, three of the next");
    assert.equal(new Set(slots).size, 6);
    await Promise.all(callers.map((each) => each`rollback`));
    const [after] = await callers[0]!`select jobforge.pick_slot(${now}, 3, false) as slot`;
    assert.ok(slots.includes(after!.slot), "they are free again after a rollback");
  });
});

Deno.test("callers that follow each other closely never use a slot twice", async () => {
  await withDatabase(async ({ sql, open }) => {
    const callers = await open(12);
    for (let round = 0; round < 80; round++) {
      const at = new Date(Date.UTC(2030, 0, 1) + round * 2_000).toISOString();
      await Promise.all(callers.map((each) =>
        each`
          insert into jobforge.runs (state, created_at, ended_at, call_slot)
          select 'undelivered', now(), now(), slot
          from (select jobforge.pick_slot(${at}, 1, false) as slot) as picked
          where slot is not null`
      ));
    }
    const twice = await sql`
      select call_slot from jobforge.runs group by call_slot having count(*) > 1`;
    assert.deepEqual([...twice], []);
  });
});

Deno.test("hundreds of enqueues make at most max_runs calls a second, however calls fare", async () => {
  await withDatabase(async ({ sql, open }) => {
    await setup(sql, 3);
    const clients = await open(12);
    const stop = Date.now() + 3_000;
    let enqueued = 0;
    await Promise.all(clients.map(async (each) => {
      while (Date.now() < stop) {
        await enqueue(each, crypto.randomUUID());
        // No ticket counts as help, as if each call had failed at once.
        await each`update jobforge.runs set created_at = created_at - interval '4 seconds'
          where state = 'pending' and created_at > clock_timestamp() - interval '3 seconds'`;
        enqueued++;
      }
    }));
    const rows = await sql`
      select call_slot / 256 as second, count(*)::int as calls, count(distinct call_slot)::int as slots
      from jobforge.runs group by 1`;
    assert.ok(enqueued > 100, `${enqueued} enqueues`);
    assert.ok(rows.length >= 3, "calls were made in each second");
    for (const { calls, slots } of rows) {
      assert.equal(calls, slots);
      assert.ok(calls <= 3, `${calls} calls in a second`);
    }
  });
});

for (const isolation of ["read committed", "repeatable read", "serializable"]) {
  Deno.test(`of 20 starts at once exactly max_runs start a run at ${isolation}`, async () => {
    await withDatabase(async ({ sql, open }) => {
      await setup(sql, 4);
      const workers = await open(20);
      await Promise.all(workers.map(async (each) => {
        await each.unsafe(`begin isolation level ${isolation}`);
        await each`select count(*) from jobforge.runs`; // takes the snapshot
      }));
      const starts = await Promise.allSettled(workers.map(async (each) => {
        await each`select from jobforge_start_run()`.finally(() => each`commit`);
      }));
      const refusals = starts.flatMap((each) =>
        each.status === "rejected" ? [each.reason.detail ?? each.reason.code] : []
      );
      const [row] = await sql`select count(*)::int as live from jobforge.runs where state = 'live'`;
      if (isolation === "read committed") {
        assert.equal(row!.live, 4);
        assert.deepEqual(new Set(refusals), new Set(["runs_exhausted"]));
      } else {
        assert.ok(row!.live >= 1 && row!.live <= 4, `${row!.live} live`);
        assert.ok(refusals.some((code) => code === "40001" || /row|snapshot|pivot/i.test(code)));
      }
    });
  });
}

async function untilSecondBegins(sql: Sql): Promise<void> {
  const [row] = await sql`
    select 1 - extract(epoch from clock_timestamp())::numeric % 1 as seconds`;
  await new Promise((resolve) => setTimeout(resolve, Number(row!.seconds) * 1000 + 20));
}

Deno.test("of announcements at one moment one stores the URL, and none replaces an operator's", async () => {
  await withDatabase(async ({ sql, open }) => {
    const [first, second] = await open(2);
    // One that waited for the other transaction would fail.
    await second!`set lock_timeout = '1s'`;
    const announce = async (caller: Sql, url: string) => {
      const [row] = await caller`select jobforge_announce_url(${url}) as stored`;
      return row!.stored;
    };
    const stored = async () =>
      (await sql`select project_url as url from jobforge.settings`)[0]!.url;
    await first!`begin`;
    await first!`select from jobforge_setup('https://ours.example.com')`;
    assert.equal(await announce(second!, "https://theirs.example.com"), false);
    await first!`commit`;
    assert.equal(await announce(second!, "https://theirs.example.com"), false);
    assert.equal(await stored(), "https://ours.example.com");

    await sql`update jobforge.settings set project_url = null`;
    await first!`begin`;
    assert.equal(await announce(first!, "https://one.example.com"), true);
    assert.equal(await announce(second!, "https://two.example.com"), false);
    await first!`rollback`;
    assert.equal(await announce(second!, "https://two.example.com"), true, "none is lost");
    assert.equal(await stored(), "https://two.example.com");
  });
});
