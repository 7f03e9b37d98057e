import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { backendPid, miscounted, untilBlocked } from "./actors.ts";

const SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

async function makeDestinations(sql: Sql, tenant: string, names: string[]): Promise<void> {
  await sql`select from jobforge_configure_queue(${tenant}, 'default', '{}')`;
  await sql`select from jobforge_set_secret(${tenant}, 'signing', ${SECRET})`;
  const settings = { url: "https://hooks.example.com/in", secret: "signing", event_types: ["*"] };
  for (const name of names) {
    await sql`select jobforge_configure_destination(${tenant}, ${name}, ${sql.json(settings)})`;
  }
}

interface Published {
  message_id: string;
  duplicate: boolean;
}

async function publish(sql: Sql, tenant: string, eventId: string | null): Promise<Published> {
  const [row] = await sql`
    select * from jobforge_publish(${tenant}, 'order.paid', '{"id": 7}', ${eventId})`;
  return row as Published;
}

async function countJobs(sql: Sql, tenant: string): Promise<number> {
  const [row] = await sql`
    select count(*)::int as jobs from jobforge_jobs where tenant_id = ${tenant}`;
  return row!.jobs;
}

/** Ends every job of a tenant that is queued. */
async function cancelJobs(sql: Sql, tenant: string): Promise<void> {
  await sql`select jobforge_cancel_jobs(${tenant}, p_dry_run => false)`;
}

Deno.test("concurrent publishes of an event are one message, with a job a destination", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenant = crypto.randomUUID();
    await makeDestinations(sql, tenant, ["one", "two", "three"]);
    const replies = await Promise.all((await open(40)).map((each) => publish(each, tenant, "a")));
    assert.equal(new Set(replies.map((reply) => reply.message_id)).size, 1);
    assert.equal(replies.filter((reply) => !reply.duplicate).length, 1);
    assert.equal(await countJobs(sql, tenant), 3);
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("an open publish holds up its own event ID alone, for a second at most", async () => {
  await withDatabase(async ({ sql, open }) => {
    const [tenant, other] = [crypto.randomUUID(), crypto.randomUUID()];
    await makeDestinations(sql, tenant, ["one", "two"]);
    await makeDestinations(sql, other, ["one"]);
    const [holder, ...others] = await open(5);
    for (const each of others) await each`set statement_timeout = '1500ms'`;
    await holder!`begin`;
    await publish(holder!, tenant, "a");
    await holder!`set constraints all immediate`;
    await publish(others[0]!, tenant, "b");
    await publish(others[1]!, tenant, null);
    await publish(others[2]!, other, "a");
    await sql`select jobforge_configure_destination(${tenant}, 'one', '{"paused": true}')`;
    await assert.rejects(publish(others[3]!, tenant, "a"), { detail: "busy" });
    const pid = await backendPid(others[3]!);
    const waiting = publish(others[3]!, tenant, "a");
    await untilBlocked(sql, pid);
    await holder!`rollback`;
    assert.equal((await waiting).duplicate, false, "after a rollback the next one publishes");
  });
});

for (const level of ["repeatable read", "serializable"]) {
  Deno.test(`at ${level} an event is published once or the caller repeats`, async () => {
    await withDatabase(async ({ sql, open }) => {
      const tenant = crypto.randomUUID();
      await makeDestinations(sql, tenant, ["one"]);
      const [later] = await open(1);
      await later!.unsafe(`begin isolation level ${level}`);
      await later!`select count(*) from jobforge_jobs`;
      const first = await publish(sql, tenant, "a");
      await assert.rejects(publish(later!, tenant, "a"), { code: "40001" });
      await later!`rollback`;
      const again = await publish(later!, tenant, "a");
      assert.deepEqual([again.message_id, again.duplicate], [first.message_id, true]);
      await later!.unsafe(`begin isolation level ${level}`);
      assert.equal((await publish(later!, tenant, "b")).duplicate, false);
      await later!`commit`;
      assert.equal(await countJobs(sql, tenant), 2);
    });
  });
}

/** What becomes of a statement that waits for another one, which commits then. */
async function blockedBy(
  sql: Sql,
  [holder, first]: [Sql, string],
  [waiter, second]: [Sql, string],
): Promise<PromiseSettledResult<unknown>> {
  const pid = await backendPid(waiter);
  await holder`begin`;
  await holder.unsafe(first);
  const outcome = Promise.allSettled([waiter.unsafe(second)]);
  await untilBlocked(sql, pid);
  await holder`commit`;
  return (await outcome)[0];
}

Deno.test("the secret of a destination that is deleted stays for one that is just made", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenant = crypto.randomUUID();
    await makeDestinations(sql, tenant, ["one"]);
    const [holder, waiter] = await open(2) as [Sql, Sql];
    const settings = '{"url": "https://hooks.example.com/in", "secret": "signing"}';
    const made = `select jobforge_configure_destination('${tenant}', 'two', '${settings}')`;
    const deleted = `select jobforge_delete_destination('${tenant}', 'one')`;
    const outcome = await blockedBy(sql, [holder, made], [waiter, deleted]);
    assert.equal(outcome.status, "fulfilled");
    const [two] = await sql`select name, secrets from jobforge_list_destinations(${tenant})`;
    assert.deepEqual([two!.name, two!.secrets[0].version], ["two", 1]);
  });
});

Deno.test("a destination is made after a deletion that took its secret is refused", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenant = crypto.randomUUID();
    await makeDestinations(sql, tenant, ["one"]);
    const [holder, waiter] = await open(2) as [Sql, Sql];
    const settings = '{"url": "https://hooks.example.com/in", "secret": "signing"}';
    const made = `select jobforge_configure_destination('${tenant}', 'two', '${settings}')`;
    const deleted = `select jobforge_delete_destination('${tenant}', 'one')`;
    const outcome = await blockedBy(sql, [holder, deleted], [waiter, made]);
    assert.equal(outcome.status === "rejected" && outcome.reason.detail, "not_found");
  });
});

Deno.test("of two deletions of a destination at once, one is refused", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenant = crypto.randomUUID();
    await makeDestinations(sql, tenant, ["one"]);
    const [holder, waiter] = await open(2) as [Sql, Sql];
    for (
      const first of [
        `select jobforge_delete_destination('${tenant}', 'one')`,
        `select jobforge_delete_connector('${tenant}', 'connector.webhook.deliver', 'one')`,
      ]
    ) {
      await sql`delete from public.jobforge_connector_configs`;
      await makeDestinations(sql, tenant, ["one"]);
      const deleted = `select jobforge_delete_destination('${tenant}', 'one')`;
      const outcome = await blockedBy(sql, [holder, first], [waiter, deleted]);
      assert.equal(outcome.status === "rejected" && outcome.reason.detail, "not_found", first);
    }
    const [audit] = await sql`
      select count(*)::int as deletions from jobforge_audit_log where action = 'delete_connector'`;
    assert.equal(audit!.deletions, 2, "and nothing is recorded twice");
  });
});

Deno.test("two that recover or redeliver at once send each message once", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenant = crypto.randomUUID();
    await makeDestinations(sql, tenant, ["orders"]);
    const messages: string[] = [];
    for (let n = 0; n < 20; n++) messages.push((await publish(sql, tenant, null)).message_id);
    await cancelJobs(sql, tenant);
    const since = new Date(Date.now() - 3_600_000);
    const sessions = await open(8);
    const outcomes = await Promise.allSettled(
      sessions.map((each, index) =>
        index % 2 === 0
          ? each`select * from jobforge_recover_deliveries(${tenant}, 'orders', ${since})`
          : each`select * from jobforge_redeliver(${tenant}, 'orders', ${messages[0]!})`
      ),
    );
    const reasons = outcomes.flatMap((each) => each.status === "rejected" ? [each.reason] : []);
    assert.deepEqual(reasons.filter(({ detail }) => detail !== "busy"), []);
    assert.equal(
      await countJobs(sql, tenant),
      40,
      "20 that were canceled and 20 that were sent again",
    );
    assert.deepEqual(await miscounted(sql), []);
  });
});

Deno.test("a delivery that is held while its destination resumes is sent all the same", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenant = crypto.randomUUID();
    await makeDestinations(sql, tenant, ["orders"]);
    const { message_id } = await publish(sql, tenant, null);
    const [{ job_id }] = await sql`
      select job_id from jobforge_list_deliveries(${tenant}, 'orders')` as [{ job_id: string }];
    await sql`select jobforge_configure_destination(${tenant}, 'orders', '{"paused": true}')`;
    const [worker] = await open(1);
    await worker!`begin`;
    await worker!`
      select jobforge_open_delivery(${tenant}, 'orders', ${job_id}, ${message_id})`;
    await sql`select jobforge_configure_destination(${tenant}, 'orders', '{"paused": false}')`;
    const check = async () => {
      const [row] = await sql`select (jobforge.check_destinations(now())).row_count::int as held`;
      return row!.held as number;
    };
    for (let look = 0; look < 3; look++) assert.equal(await check(), 0);
    await worker!`commit`;
    await cancelJobs(sql, tenant);
    assert.equal(await check(), 1, "it was waited for");
    // Transactions of other databases are waited for as well.
    for (let looks = 0, due: unknown = true; due; looks++) {
      assert.ok(looks < 500, "then nothing is left to wait for");
      assert.equal(await check(), 0);
      const [state] = await sql`
        select check_at from jobforge.destination_states where tenant_id = ${tenant}`;
      due = state!.check_at;
      if (due) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});

Deno.test("reports of many workers at once lose no failure that counts", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenant = crypto.randomUUID();
    await makeDestinations(sql, tenant, ["orders"]);
    const [destination] = await sql`select id from jobforge_list_destinations(${tenant})`;
    await sql`
      update jobforge.destination_states set failures = 1, failing_since = now() - interval '1 day'
      where tenant_id = ${tenant}`;
    const workers = await open(10);
    await Promise.all(workers.map(async (worker) => {
      for (let n = 0; n < 10; n++) {
        await worker`
          select jobforge_report_delivery(${tenant}, ${destination!.id}, gen_random_uuid(), 500)`;
      }
    }));
    const [{ status, failures }] = await sql`
      select status, failures from jobforge_list_destinations(${tenant})` as [
      { status: string; failures: number },
    ];
    assert.equal(status, "paused");
    assert.ok(failures >= 10);
    const [audit] = await sql`
      select count(*)::int as pauses from jobforge_audit_log where action = 'pause_destination'`;
    assert.equal(audit!.pauses, 1, "it is paused once");
  });
});

Deno.test("a worker has a transaction number before it looks whether a destination is paused", async () => {
  await withDatabase(async ({ sql, open }) => {
    const tenant = crypto.randomUUID();
    await makeDestinations(sql, tenant, ["orders"]);
    const { message_id } = await publish(sql, tenant, null);
    const [delivery] = await sql`select job_id from jobforge_list_deliveries(${tenant}, 'orders')`;
    await sql`select jobforge_configure_destination(${tenant}, 'orders', '{"paused": true}')`;
    const [holder, worker] = await open(2);
    await holder!`begin`;
    await holder!`select from jobforge.webhook_deliveries for update`;
    // It finds the row locked and writes nothing, which would give it a number.
    await worker!`begin`;
    await worker!`
      select jobforge_open_delivery(${tenant}, 'orders', ${delivery!.job_id}, ${message_id})`;
    const [row] = await worker!`select pg_current_xact_id_if_assigned() is not null as has_number`;
    assert.equal(row!.has_number, true);
  });
});
