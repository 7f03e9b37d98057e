import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import assert from "node:assert/strict";
import { connect } from "../postgres/database.ts";
import { type Stack, startStack } from "../stack/stack.ts";

const [acme, globex] = [crypto.randomUUID(), crypto.randomUUID()];

/** A client of supabase-js, with a token unless it is anonymous. */
async function client(stack: Stack, claims?: Parameters<Stack["signUserToken"]>[0]) {
  const accessToken = claims && await stack.signUserToken(claims);
  return createClient(stack.url, stack.publishableKey, {
    ...(accessToken ? { accessToken: () => Promise.resolve(accessToken) } : {}),
    realtime: { disconnectOnEmptyChannelsAfterMs: 0 },
  });
}

/** Joins a topic. Returns the end of the join and what is received. */
function join(supabase: SupabaseClient, topic: string, config: object = { private: true }) {
  const received: { event: string; payload: unknown }[] = [];
  const channel = supabase.channel(topic, { config });
  channel.on("broadcast", { event: "*" }, ({ event, payload }) => {
    received.push({ event, payload });
  });
  const joined = new Promise<string>((resolve) => channel.subscribe((status) => resolve(status)));
  return { channel, joined, received };
}

async function until(check: () => boolean): Promise<void> {
  for (let look = 0; look < 500 && !check(); look++) await new Promise((go) => setTimeout(go, 10));
}

// The timers of supabase-js outlive its clients.
const options = { sanitizeOps: false, sanitizeResources: false };

Deno.test("Realtime serves private channels to supabase-js", options, async (t) => {
  const stack = await startStack({ functions: [], realtime: { messagesPerSecond: 20 } });
  const sql = connect(stack.dbUrl);
  const holder = connect(stack.dbUrl);
  const topic = `jobforge:${acme}`;
  const send = (n: number) => sql`select realtime.send(${sql.json({ n })}, 'jobs', ${topic}, true)`;
  const clients: SupabaseClient[] = [];
  const open = async (claims?: Parameters<Stack["signUserToken"]>[0]) => {
    const made = await client(stack, claims);
    clients.push(made);
    return made;
  };
  try {
    const member = join(await open({ tenantId: acme }), topic);
    assert.equal(await member.joined, "SUBSCRIBED");
    const has = (n: number) => member.received.some(({ payload }) => Object(payload).n === n);
    /** Sends a message and waits until the member has it. */
    const reach = async (n: number) => {
      await send(n);
      await until(() => has(n));
      assert.ok(has(n));
    };
    await t.step("a member receives what was committed, in order and no more", async () => {
      const { received } = member;
      await holder.begin(async (open) => {
        await open`select realtime.send('{"n": 1}', 'jobs', ${topic}, true)`;
        await send(2);
        await until(() => received.length > 0);
        assert.deepEqual(received.map(({ payload }) => (payload as { n: number }).n), [2]);
      });
      await holder.begin(async (open) => {
        await open`select realtime.send('{"n": 3}', 'jobs', ${topic}, true)`;
        throw new Error("undone");
      }).catch(() => {});
      await send(4);
      await until(() => received.length > 2);
      assert.deepEqual(received.map(({ payload }) => (payload as { n: number }).n), [2, 1, 4]);
    });
    await t.step("another tenant, a stranger and an anonymous client join nothing", async () => {
      for (const claims of [{ tenantId: globex }, {}, undefined]) {
        const { joined, received } = join(await open(claims), topic);
        assert.equal(await joined, "CHANNEL_ERROR");
        await reach(10);
        assert.deepEqual(received, []);
      }
    });
    await t.step("a token that expires ends its channel", async () => {
      const { joined, received, channel } = join(
        await open({ tenantId: acme, expiresIn: 1 }),
        topic,
      );
      assert.equal(await joined, "SUBSCRIBED");
      await until(() => channel.state !== "joined");
      await reach(11);
      assert.deepEqual(received, []);
    });
    await t.step("public channels and sockets without a key are refused", async () => {
      const { joined } = join(await open({ tenantId: acme }), topic, { private: false });
      assert.equal(await joined, "CHANNEL_ERROR");
      const response = await fetch(`${stack.url}/realtime/v1/websocket?apikey=wrong`);
      assert.equal(response.status, 403);
      await response.body?.cancel();
    });
    await t.step("what is beyond the rate of the project is dropped", async () => {
      const { joined, received } = join(await open({ tenantId: acme }), `${topic}:job`);
      assert.equal(await joined, "SUBSCRIBED");
      await sql`
        select realtime.send('{}', 'jobs', ${`${topic}:job`}, true) from generate_series(1, 50)`;
      const ended = () => received.some(({ event }) => event === "end");
      for (let look = 0; look < 20 && !ended(); look++) {
        await sql`select realtime.send('{}', 'end', ${`${topic}:job`}, true)`;
        await new Promise((go) => setTimeout(go, 200));
      }
      assert.ok(ended(), "the next second delivers again");
      const arrived = received.filter(({ event }) => event === "jobs").length;
      assert.ok(arrived < 50, `${arrived} of 50 arrived`);
    });
  } finally {
    await Promise.all(clients.map((each) => each.removeAllChannels()));
    await Promise.all([sql.end(), holder.end()]);
    await stack.stop();
  }
});
