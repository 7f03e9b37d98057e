import assert from "node:assert/strict";
import { ACME, GLOBEX, onStack } from "./fake_terminal.ts";

const SECRET = "whsec_Y2FuYXJ5LXNlY3JldC1vZi1hY21lLWNhbmFyeQ==";

Deno.test("webhook destinations from the command line", (t) =>
  onStack(async (cli, sql) => {
    await sql`select from jobforge_set_secret(${ACME}, 'signing', ${SECRET})`;
    const of = ["-t", ACME];

    await t.step("a destination is created, changed and listed", async () => {
      const url = "https://hooks.example.com/in";
      const made = await cli(
        ...["destinations", "set", "orders", ...of, "--url", url, "--secret", "signing"],
        ...["--event-type", "order.*", "bill.sent"],
      );
      assert.equal(made.code, 0, made.err);
      await cli("destinations", "set", "orders", ...of, "--timeout-ms", "2000");
      const [listed] = (await cli("--json", "destinations", "list", ...of)).json;
      assert.deepEqual([listed.name, listed.url, listed.event_types, listed.status], [
        ...["orders", url, ["order.*", "bill.sent"], "active"],
      ]);
      const text = await cli("destinations", "list", ...of);
      assert.doesNotMatch(text.out, /whsec_|vault:/);
      assert.equal((await cli("destinations", "list", "-t", GLOBEX)).out, "none");
      const refused = await cli("destinations", "set", "in", ...of, "--url", "https://db.internal");
      assert.equal(refused.code, 1);
      assert.match(refused.err, /invalid_argument/);
    });

    await t.step("a message is published once, delivered again and recovered", async () => {
      const line = ["publish", "order.paid", ...of, "--data", '{"id": 7}', "--event-id", "e-1"];
      const first = (await cli("--json", ...line)).json;
      assert.deepEqual([first.duplicate, first.deliveries], [false, 1]);
      assert.equal((await cli("--json", ...line)).json.message_id, first.message_id);
      const listed = await cli("--json", "destinations", "deliveries", "orders", ...of);
      assert.equal(listed.json[0].status, "pending");
      const again = await cli(
        "--json",
        "destinations",
        "redeliver",
        "orders",
        first.message_id,
        ...of,
      );
      assert.deepEqual(again.json, { job_id: listed.json[0].job_id, duplicate: true });
      await sql`select jobforge_cancel_jobs(${ACME}, p_dry_run => false)`;
      const since = ["--since", new Date(Date.now() - 3_600_000).toISOString()];
      const recovered = await cli("--json", "destinations", "recover", "orders", ...of, ...since);
      assert.deepEqual(recovered.json, { sent: 1 });
      const none = await cli("--json", "destinations", "recover", "orders", ...of, ...since);
      assert.deepEqual(none.json, { sent: 0 });
    });

    await t.step("it is paused, tested, resumed and deleted", async () => {
      assert.equal((await cli("destinations", "pause", "orders", ...of)).code, 0);
      const paused = await cli("destinations", "list", ...of);
      assert.match(paused.out, /paused +paused by hand/);
      const test = await cli("--json", "destinations", "test", "orders", ...of);
      const page = await cli("--json", "destinations", "deliveries", "orders", ...of, "-n", "1");
      assert.deepEqual([page.json[0].job_id, page.json[0].event_type], [
        ...[test.json.job_id, "jobforge.test"],
      ]);
      const rest = await cli(
        ...["--json", "destinations", "deliveries", "orders", ...of],
        ...["--before", test.json.job_id],
      );
      assert.equal(rest.json.length, 2);
      assert.equal((await cli("destinations", "resume", "orders", ...of)).code, 0);
      assert.equal((await cli("destinations", "delete", "orders", ...of)).out, "deleted");
      const gone = await cli("destinations", "delete", "orders", ...of);
      assert.match(gone.err, /not_found/);
    });

    await t.step("a time is required to recover", async () => {
      assert.equal((await cli("destinations", "recover", "orders", ...of)).code, 2);
      const unclear = await cli("destinations", "recover", "orders", ...of, "--since", "soon");
      assert.notEqual(unclear.code, 0);
    });
  }));
