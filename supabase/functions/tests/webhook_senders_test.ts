import assert from "node:assert/strict";
import {
  SENDERS,
  sendTwilioGet,
  sendTwilioSha256,
  type Sent,
} from "../../../shared/core/webhook/fake_senders.ts";
import type { SchemeName } from "../../../shared/core/webhook/scheme.ts";
import { ACME, onStage, type Stage } from "./stage.ts";

/** Stores a secret and then an endpoint of a scheme, and returns the endpoint's id. */
async function makeEndpoint(
  stage: Stage,
  scheme: SchemeName,
  secret: string = SENDERS[scheme].secret,
): Promise<string> {
  const name = `${scheme}-${secret.length}`;
  const stored = { p_tenant_id: ACME, p_name: name, p_value: secret };
  assert.equal((await stage.rpc("jobforge_set_secret", stored)).status, 200);
  const { signature, url } = SENDERS[scheme];
  const response = await stage.rpc("jobforge_configure_connector", {
    ...{ p_tenant_id: ACME, p_connector: "webhook-verify", p_name: name },
    p_config: {
      ...{ scheme, job_type: "system.noop" },
      ...(url ? { url } : {}),
      ...(signature ? { signature } : {}),
    },
    p_secret_refs: [`vault:${name}`],
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
}

function send(stage: Stage, id: string, sent: Sent): Promise<Response> {
  const { body, headers, method = "POST", query } = sent;
  const url = `${stage.stack.url}/functions/v1/webhook-verify/${id}${query ? `?${query}` : ""}`;
  return fetch(url, { method, headers, ...(method === "POST" ? { body } : {}) });
}

async function seen(response: Response): Promise<[number, string | null, string]> {
  return [response.status, response.headers.get("content-type"), await response.text()];
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** Returns the payloads of the jobs that an endpoint made. */
async function payloadsOf(stage: Stage, id: string): Promise<Record<string, unknown>[]> {
  const rows = await stage.sql`
    select j.payload from public.jobforge_jobs as j
      join public.jobforge_received_webhooks as r on r.tenant_id = j.tenant_id and r.job_id = j.id
    where r.config_id = ${id} order by r.received_at`;
  return rows.map(({ payload }) => payload);
}

async function step(t: Deno.TestContext, stage: Stage) {
  await t.step("Linear gets 200 and its retry the first job", async () => {
    const { secret, send: sign } = SENDERS.linear;
    const id = await makeEndpoint(stage, "linear");
    const event = (ms: number) => `{"action":"create","webhookTimestamp":${ms},"data":{"n":1}}`;
    const answers = await Promise.all([0, 5].map(async (ms) => {
      const response = await send(stage, id, sign(secret, event(nowSeconds() * 1000 + ms)));
      assert.equal(response.status, 200);
      return await response.json();
    }));
    assert.equal(answers[0].job_id, answers[1].job_id);
    assert.equal((await payloadsOf(stage, id)).length, 1);
  });

  await t.step("Twilio gets TwiML, and its forms are members, by POST and by GET", async () => {
    const { secret, send: sign } = SENDERS.twilio;
    const id = await makeEndpoint(stage, "twilio");
    const text = "From=%2B4934&Body=caf%C3%A9+%26+more";
    const requests = [
      sign(secret, text),
      sendTwilioSha256(secret, `${text}&NumMedia=0`),
      sendTwilioGet(secret, `${text}&NumMedia=1`),
    ];
    for (const each of requests) {
      const [status, type, body] = await seen(await send(stage, id, each));
      assert.deepEqual([status, type], [200, "text/xml; charset=utf-8"]);
      assert.match(body, /<Response><\/Response>$/);
    }
    for (const { body } of await payloadsOf(stage, id)) {
      const { Body, From } = body as Record<string, string>;
      assert.deepEqual([From, Body], ["+4934", "café & more"]);
    }
    assert.equal((await payloadsOf(stage, id)).length, 3);
  });

  await t.step("Discord gets a type with its empty 204, Slack an empty 200", async () => {
    const discord = await makeEndpoint(stage, "discord");
    const { secret, send: sign } = SENDERS.discord;
    const ping = sign(secret, '{"type":0,"version":1}', nowSeconds());
    assert.deepEqual(await seen(await send(stage, discord, ping)), [204, "application/json", ""]);
    const slack = await makeEndpoint(stage, "slack");
    const command = SENDERS.slack.send(SENDERS.slack.secret, "command=%2Fdo", nowSeconds());
    command.headers["content-type"] = "application/x-www-form-urlencoded";
    assert.deepEqual(await seen(await send(stage, slack, command)), [200, null, ""]);
    assert.deepEqual((await payloadsOf(stage, slack))[0]!.body, { command: "/do" });
    assert.deepEqual(await payloadsOf(stage, discord), []);
  });

  await t.step(
    "a hook of Supabase Auth gets JSON, its secret may end with a line break",
    async () => {
      const { sample, secret, send: sign } = SENDERS["supabase-auth"];
      const id = await makeEndpoint(stage, "supabase-auth", `${secret}\n`);
      const answer = await seen(await send(stage, id, sign(secret, sample, nowSeconds())));
      assert.deepEqual(answer, [200, "application/json", "{}"]);
    },
  );

  for (const scheme of ["sendgrid", "hubspot", "custom", "polar", "zoom"] as const) {
    await t.step(`an event of ${scheme} becomes a job`, async () => {
      const { otherSecret, sample, secret, send: sign } = SENDERS[scheme];
      const id = await makeEndpoint(stage, scheme);
      const forged = await send(stage, id, sign(otherSecret, sample, nowSeconds()));
      assert.equal((await seen(forged))[0], 401);
      const [status] = await seen(await send(stage, id, sign(secret, sample, nowSeconds())));
      assert.ok(status === 200 || status === 202);
      assert.deepEqual((await payloadsOf(stage, id))[0]!.body, JSON.parse(sample));
    });
  }

  await t.step(
    "a secret that cannot verify is refused with its reason, in either order",
    async () => {
      const id = await makeEndpoint(stage, "github", "a secret that is long enough");
      const secret = { p_tenant_id: ACME, p_name: "github-28", p_value: "too short" };
      const response = await stage.rpc("jobforge_set_secret", secret);
      assert.equal(response.status, 400);
      const reason = "must have at least 16 bytes";
      assert.equal(
        (await response.json()).message,
        `p_value ${reason}, because of the connector that uses it`,
      );
      await (await stage.rpc("jobforge_set_secret", { ...secret, p_name: "new" })).body?.cancel();
      const refused = await stage.rpc("jobforge_configure_connector", {
        ...{ p_tenant_id: ACME, p_connector: "webhook-verify", p_secret_refs: ["vault:new"] },
        p_config: { scheme: "github", job_type: "system.noop" },
      });
      assert.equal((await refused.json()).message, `p_secret_refs: the secret new ${reason}`);
      const sent = SENDERS.github.send("a secret that is long enough", "{}");
      assert.equal((await seen(await send(stage, id, sent)))[0], 202);
    },
  );

  await t.step("a HEAD and an unsigned check of Slack find every address", async () => {
    const id = crypto.randomUUID();
    const address = `${stage.stack.url}/functions/v1/webhook-verify/${id}`;
    assert.deepEqual(await seen(await fetch(address, { method: "HEAD" })), [200, null, ""]);
    const body = new URLSearchParams({ ssl_check: "1", token: "t" });
    assert.deepEqual(await seen(await fetch(address, { method: "POST", body })), [200, null, ""]);
  });
}

Deno.test("each sender gets its answer over HTTP", (t) => onStage((stage) => step(t, stage)));
