import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import type { Delivery } from "../../../shared/client.ts";
import { ACME, eventually, GLOBEX, onStage, type Stage } from "./stage.ts";

interface Received {
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** A receiver on loopback. `statuses` has what a path answers, 204 for all others. */
function startReceiver() {
  const received: Received[] = [];
  const statuses = new Map<string, number>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname: path } = new URL(request.url);
    const headers = Object.fromEntries(request.headers);
    received.push({ path, headers, body: await request.text() });
    return new Response(null, { status: statuses.get(path) ?? 204 });
  });
  return {
    ...{ statuses, port: server.addr.port, stop: () => server.shutdown() },
    to: (path: string) => received.filter((each) => each.path === path),
  };
}

function verified({ body, headers }: Received, secret: string): { type: string; data: unknown } {
  return new Webhook(secret).verify(body, headers) as { type: string; data: unknown };
}

/** Waits until the deliveries of a destination, newest first, have these statuses. */
async function statuses(stage: Stage, name: string, expected: Delivery["status"][]) {
  let seen: Delivery[] = [];
  return await eventually(`${name} to be ${expected}`, async () => {
    seen = await stage.jobs().destinations.listDeliveries(name);
    return String(seen.map(({ status }) => status)) === String(expected) ? seen : undefined;
  });
}

Deno.test("messages are published to real receivers", async (t) => {
  const receiver = startReceiver();
  const url = (path: string) => `http://127.0.0.1:${receiver.port}${path}`;
  await onStage(async (stage) => {
    const { publish, destinations } = stage.jobs();
    const { secret: orders } = await destinations.create("orders", {
      ...{ url: url("/orders"), eventTypes: ["order.*"] },
    });
    const { secret: all } = await destinations.create("all", {
      ...{ url: url("/all"), eventTypes: ["*"] },
    });
    await destinations.create("bills", { url: url("/bills"), eventTypes: ["bill.sent"] });
    await stage.jobs(GLOBEX).destinations.create("theirs", {
      ...{ url: url("/theirs"), eventTypes: ["*"] },
    });

    await t.step("each destination that subscribed gets it, signed by its own secret", async () => {
      const sent = await publish("order.paid", { id: 7 }, { eventId: "event-1" });
      assert.deepEqual([sent.duplicate, sent.deliveries], [false, 2]);
      await statuses(stage, "orders", ["delivered"]);
      const [delivery] = await statuses(stage, "all", ["delivered"]);
      assert.deepEqual([delivery!.responseStatus, delivery!.attempts], [204, 1]);
      const [one, two] = [receiver.to("/orders")[0]!, receiver.to("/all")[0]!];
      const { type, data } = verified(one, orders);
      assert.deepEqual([type, data], ["order.paid", { id: 7 }]);
      verified(two, all);
      assert.throws(() => verified(one, all));
      assert.equal(one.headers["webhook-id"], `msg_${sent.messageId}`);
      assert.equal(two.headers["webhook-id"], one.headers["webhook-id"]);
      assert.deepEqual([receiver.to("/bills"), receiver.to("/theirs")], [[], []]);
    });

    await t.step("the same event again is no second message", async () => {
      const [first] = await destinations.listDeliveries("orders");
      const again = await publish("order.paid", { id: 7 }, { eventId: "event-1" });
      assert.deepEqual([again.messageId, again.duplicate], [first!.messageId, true]);
      await assert.rejects(publish("order.paid", { id: 8 }, { eventId: "event-1" }), {
        code: "idempotency_mismatch",
      });
      assert.equal((await destinations.listDeliveries("orders")).length, 1);
    });

    await t.step("a redelivery has the id and the body of the first", async () => {
      const [first] = await destinations.listDeliveries("orders");
      const again = await destinations.redeliver("orders", first!.messageId);
      assert.notEqual(again.jobId, first!.jobId);
      await statuses(stage, "orders", ["delivered", "delivered"]);
      const [one, two] = receiver.to("/orders");
      assert.equal(one!.headers["webhook-id"], two!.headers["webhook-id"]);
      assert.equal(one!.body, two!.body);
    });

    await t.step("a test event goes to one destination", async () => {
      await destinations.sendTestEvent("bills");
      await statuses(stage, "bills", ["delivered"]);
      assert.equal(JSON.parse(receiver.to("/bills")[0]!.body).type, "jobforge.test");
      assert.equal(receiver.to("/all").length, 1);
    });

    await t.step("during a rotation both secrets sign, which the list shows", async () => {
      const next = await destinations.rotateSecret("orders", { overlapSeconds: 3600 });
      const listed = (await destinations.list()).find(({ name }) => name === "orders")!;
      assert.deepEqual(listed.secrets.map(({ version }) => version), [2, 1]);
      assert.ok(Date.parse(listed.secrets[1]!.expiresAt!) > Date.now() + 3_500_000);
      await publish("order.sent", {});
      await statuses(stage, "orders", ["delivered", "delivered", "delivered"]);
      for (const secret of [orders, next]) verified(receiver.to("/orders").at(-1)!, secret);
    });

    await pausing(t, stage, receiver, url);

    await t.step("users see their destinations, and manage them only if allowed", async () => {
      const user = (await stage.userJobs(ACME)).destinations;
      assert.deepEqual((await user.list()).map(({ name }) => name), [
        ...["all", "bills", "orders", "shaky"],
      ]);
      const settings = { url: url("/own"), eventTypes: ["own"] };
      await assert.rejects(user.create("own", settings), { code: "forbidden" });
      await stage.rpc("jobforge_configure_publishing", {
        p_settings: { users_manage_destinations: true },
      });
      const { secret } = await user.create("own", settings);
      await (await stage.userJobs(ACME)).publish("own", { by: "a user" });
      await statuses(stage, "own", ["delivered"]);
      assert.deepEqual(verified(receiver.to("/own")[0]!, secret).data, { by: "a user" });
      await user.delete("own");
      const left = await stage.sql`
        select count(*)::int as secrets from jobforge.secrets
        where tenant_id = ${ACME} and vault_id is not null`;
      assert.equal(left[0]!.secrets, 5, "no secret is left of what was deleted or rejected");
    });

    await t.step("no secret and no signature is in a table or in the log", async () => {
      const [dump] = await stage.sql`
        select concat(
          (select json_agg(j) from public.jobforge_jobs as j),
          (select json_agg(d) from jobforge.webhook_deliveries as d),
          (select json_agg(s) from jobforge.destination_states as s),
          (select json_agg(l) from public.jobforge_audit_log as l)) as text`;
      const text = dump!.text + stage.stack.logs("worker").join("\n");
      assert.match(text, /order\.paid|http_503/);
      assert.doesNotMatch(text, /whsec_|v1,/);
      for (const secret of [orders, all]) assert.ok(!text.includes(secret.slice(6)));
    });
  }, { JOBFORGE_LOCAL_EGRESS: `127.0.0.1:${receiver.port}` });
  await receiver.stop();
});

async function pausing(
  t: Deno.TestContext,
  stage: Stage,
  receiver: ReturnType<typeof startReceiver>,
  url: (path: string) => string,
): Promise<void> {
  const { publish, destinations } = stage.jobs();
  const state = async () => (await destinations.list()).find(({ name }) => name === "shaky")!;
  const since = new Date();

  await t.step("a destination that keeps failing is paused, and its messages wait", async () => {
    await destinations.create("shaky", { url: url("/shaky"), eventTypes: ["shaky"] });
    receiver.statuses.set("/shaky", 503);
    // As if it had failed nine times in two hours.
    await stage.sql`
      update jobforge.destination_states
      set failures = 9, failing_since = now() - interval '2 hours'
      where destination_id = (
        select id from public.jobforge_connector_configs where name = 'shaky')`;
    await publish("shaky", { n: 1 });
    await eventually("the pause", async () => (await state()).status === "paused" || undefined);
    assert.match((await state()).reason!, /^10 attempts failed in a row since .* http_503$/);
    const asked = receiver.to("/shaky").length;
    await publish("shaky", { n: 2 });
    await publish("shaky", { n: 3 });
    await eventually("two to be held", async () => {
      const held = await destinations.listDeliveries("shaky");
      return held.filter(({ status }) => status === "held").length === 2 || undefined;
    });
    assert.equal(receiver.to("/shaky").length, asked, "no request but those of the probe");
    await assert.rejects(destinations.recover("shaky", since), { code: "wrong_state" });
  });

  await t.step("the probe that arrives resumes it, and all messages follow", async () => {
    receiver.statuses.delete("/shaky");
    const [probe] = (await destinations.listDeliveries("shaky")).filter(({ status }) =>
      status === "pending"
    );
    const now = { p_run_at: new Date().toISOString(), p_tenant_id: ACME };
    await stage.rpc("jobforge_reschedule_job", { p_job_id: probe!.jobId, ...now });
    await eventually("all three to arrive", async () => {
      const { status } = await state();
      const arrived = (await destinations.listDeliveries("shaky"))
        .filter((each) => each.status === "delivered");
      return status === "active" && arrived.length === 3 || undefined;
    });
    const bodies = receiver.to("/shaky").map(({ body }) => JSON.parse(body).data.n);
    assert.deepEqual([...new Set(bodies)].sort(), [1, 2, 3]);
    assert.equal(await destinations.recover("shaky", since), 0, "nothing is left to recover");
  });

  await t.step("a receiver that is gone is paused at once, and recovered by hand", async () => {
    receiver.statuses.set("/shaky", 410);
    await publish("shaky", { n: 4 });
    await eventually("the pause", async () => (await state()).status === "paused" || undefined);
    assert.equal((await state()).reason, "the receiver answered 410 Gone");
    await publish("shaky", { n: 5 });
    await eventually("one to be held", async () => {
      const [newest] = await destinations.listDeliveries("shaky", { limit: 1 });
      return newest!.status === "held" || undefined;
    });
    receiver.statuses.delete("/shaky");
    await destinations.configure("shaky", { paused: false });
    await destinations.recover("shaky", since);
    await eventually("both to arrive", () => {
      const arrived = receiver.to("/shaky").map(({ body }) => JSON.parse(body).data.n);
      return Promise.resolve(arrived.includes(4) && arrived.includes(5) || undefined);
    });
  });
}
