import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { NOW, received, SENDERS, type Sent } from "./fake_senders.ts";
import { mac, rawKey, whsec } from "./fake_sender.ts";
import type { SchemeName } from "./scheme.ts";
import { verifyWebhook } from "./verify.ts";

/** Returns the replay key of a request that is accepted at its time. */
async function keyOf(scheme: SchemeName, sent: Sent, seconds = NOW): Promise<string> {
  const { secret, signature, url } = SENDERS[scheme];
  const endpoint = { scheme, signature, secrets: [secret], toleranceSeconds: 300 };
  const verdict = await verifyWebhook(endpoint, received(sent, url), parse, seconds);
  assert.equal(verdict.ok, true, `${scheme}: ${JSON.stringify(verdict)}`);
  return verdict.ok ? verdict.replayKey : "";
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

/** An event as its sender sends it at first, hours later, and another event. */
const RETRIED: [SchemeName, string, (seconds: number) => string, string][] = [
  [
    "linear",
    "with another webhookTimestamp",
    (seconds) => `{"action":"update","webhookTimestamp": ${seconds}000,"data":{"id":"a"}}`,
    `{"action":"update","webhookTimestamp":${NOW}000,"data":{"id":"b"}}`,
  ],
  [
    "hubspot",
    "with another attemptNumber",
    (seconds) =>
      `[{"eventId":1,"attemptNumber":${(seconds - NOW) / 3_600}},{"attemptNumber": ${
        seconds - NOW
      }}]`,
    '[{"eventId":2,"attemptNumber":0},{"attemptNumber":0}]',
  ],
  [
    "intercom",
    "with another count of attempts",
    (seconds) => `{"id":"notif_1","delivery_attempts":${seconds - NOW}}`,
    '{"id":"notif_2","delivery_attempts":0}',
  ],
  [
    "discord",
    "a webhook event, which has no ID",
    () => '{"version":1,"type":1,"event":{"type":"ENTITLEMENT_CREATE","timestamp":"1"}}',
    '{"version":1,"type":1,"event":{"type":"ENTITLEMENT_CREATE","timestamp":"2"}}',
  ],
  ["zoom", "signed anew", () => '{"event":"a","event_ts":1}', '{"event":"a","event_ts":2}'],
  ["sendgrid", "signed anew", () => '[{"sg_event_id":"a"}]', '[{"sg_event_id":"b"}]'],
  [
    "paddle",
    "signed anew",
    () => '{"event_id":"evt_1","notification_id":"ntf_1"}',
    '{"event_id":"evt_2","notification_id":"ntf_2"}',
  ],
  ["slack", "signed anew", () => '{"event_id":"Ev1"}', '{"event_id":"Ev2"}'],
  ["slack", "a command", () => "command=%2Fdo&trigger_id=1", "command=%2Fdo&trigger_id=2"],
  ["stripe", "signed anew", () => '{"id":"evt_1"}', '{"id":"evt_2"}'],
  ["shopify", "as it was", () => '{"id":1}', '{"id":2}'],
  ["lemonsqueezy", "as it was", () => '{"id":1}', '{"id":2}'],
];

for (const [scheme, what, bodyAt, otherBody] of RETRIED) {
  Deno.test(`${scheme}: an event that is sent again ${what} is the same one`, async () => {
    const { secret, send } = SENDERS[scheme];
    const keys = await Promise.all(
      [NOW, NOW + 3_600].map((at) => keyOf(scheme, send(secret, bodyAt(at), at), at)),
    );
    assert.equal(keys[0], keys[1]);
    assert.notEqual(await keyOf(scheme, send(secret, otherBody)), keys[0]);
  });
}

/** A request of Supabase Auth, which signs each attempt under another ID. */
function hook(id: string, body: string, secrets = [whsec(7)]): Sent {
  const signatures = secrets.map((secret) =>
    `v1,${mac(rawKey(secret), `${id}.${NOW}.${body}`, "base64")}`
  );
  return {
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": `${NOW}`,
      "webhook-signature": signatures.join(", "),
    },
    body,
  };
}

Deno.test("supabase-auth: a code is sent to a user once, though each attempt has an ID of its own", async () => {
  for (const body of ['{"email_data":{"token":"1"}}', '{"user":{},"sms":{"otp":"561166"}}']) {
    const keys = await Promise.all(
      ["a-1", "b-2"].map((id) => keyOf("supabase-auth", hook(id, body))),
    );
    assert.equal(keys[0], keys[1]);
  }
});

Deno.test("supabase-auth: equal attempts to log in are events of their own", async () => {
  const body = '{"user_id":"1","valid":false}';
  const keys = ["a-1", "b-2"].map((id) => keyOf("supabase-auth", hook(id, body)));
  assert.deepEqual(await Promise.all(keys), ["a-1", "b-2"]);
});

Deno.test("supabase-auth: each secret of a rotation signs, with commas between", async () => {
  const body = SENDERS["supabase-auth"].sample;
  for (const secrets of [[whsec(8), whsec(7)], [whsec(7), whsec(8)]]) {
    await keyOf("supabase-auth", hook("a-1", body, secrets));
  }
});

Deno.test("polar: the secret is a text, not base64", async () => {
  const { sample, secret, send } = SENDERS.polar;
  const asBase64 = Buffer.from(secret).toString("base64");
  const endpoint = { scheme: "standard-webhooks" as const, toleranceSeconds: 300 };
  const request = received(send(secret, sample));
  const verdict = await verifyWebhook({ ...endpoint, secrets: [asBase64] }, request, parse, NOW);
  assert.equal(verdict.ok, true);
  assert.equal(await keyOf("polar", send(secret, sample)), "msg_2Lml");
});
