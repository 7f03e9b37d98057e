import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { ANSWERS } from "./answers.ts";
import { NOW, received, SENDERS, sendTwilioJson, type Sent } from "./fake_senders.ts";
import type { SchemeName } from "./scheme.ts";
import { type Verdict, verifyWebhook } from "./verify.ts";

function verify(scheme: SchemeName, sent: Sent, secrets?: string[]): Promise<Verdict> {
  const sender = SENDERS[scheme];
  const { signature, secret } = sender;
  const endpoint = { scheme, signature, secrets: secrets ?? [secret], toleranceSeconds: 300 };
  return verifyWebhook(endpoint, received(sent, sender.url), parse, NOW);
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

function signed(scheme: SchemeName, body?: string, seconds?: number): Sent {
  const sender = SENDERS[scheme];
  return sender.send(sender.secret, body ?? sender.sample, seconds);
}

async function accepted(verdict: Promise<Verdict>): Promise<Verdict & { ok: true }> {
  const found = await verdict;
  assert.equal(found.ok, true);
  return found as Verdict & { ok: true };
}

const MALFORMED = { ok: false, cause: "malformed" };
const FORGED = { ok: false, cause: "signature" };

function headersOf(sent: Sent, changes: Record<string, string | undefined>): Sent {
  const entries = Object.entries({ ...sent.headers, ...changes });
  return {
    ...sent,
    headers: Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >,
  };
}

Deno.test("standard-webhooks: Svix names its headers otherwise", async () => {
  const sent = signed("standard-webhooks");
  const svix = Object.entries(sent.headers)
    .map(([name, value]) => [name.replace("webhook-", "svix-"), value]);
  const request = { ...sent, headers: Object.fromEntries(svix) };
  assert.equal((await accepted(verify("standard-webhooks", request))).replayKey, "msg_2Lml");
});

Deno.test("standard-webhooks: the two families of headers do not mix", async () => {
  const sent = signed("standard-webhooks");
  const mixed = headersOf(sent, { "webhook-id": undefined, "svix-id": "msg_2Lml" });
  assert.deepEqual(await verify("standard-webhooks", mixed), MALFORMED);
});

Deno.test("standard-webhooks: one good v1 among others is enough, other versions never are", async () => {
  const sent = signed("standard-webhooks");
  const good = sent.headers["webhook-signature"]!;
  const bad = `v1,${btoa("x".repeat(32))}`;
  const among = headersOf(sent, { "webhook-signature": `${bad} v2,AAAA ${good} ${bad}` });
  await accepted(verify("standard-webhooks", among));
  for (const version of ["v2", "v1a", "v0", "v11"]) {
    const other = headersOf(sent, { "webhook-signature": good.replace("v1", version) });
    assert.deepEqual(await verify("standard-webhooks", other), MALFORMED, version);
  }
});

Deno.test("standard-webhooks: 16 signatures are taken, 17 are not", async () => {
  const sent = signed("standard-webhooks");
  const good = sent.headers["webhook-signature"]!;
  const list = (others: number) =>
    headersOf(sent, {
      "webhook-signature": [...Array(others).fill(`v1,${btoa("x".repeat(32))}`), good].join(" "),
    });
  await accepted(verify("standard-webhooks", list(15)));
  assert.deepEqual(await verify("standard-webhooks", list(16)), MALFORMED);
  const others = `${"v2,AAAA ".repeat(16)}${good}`;
  const invalid = headersOf(sent, { "webhook-signature": others });
  assert.deepEqual(await verify("standard-webhooks", invalid), MALFORMED);
});

Deno.test("standard-webhooks: signatures are read from at most 4,096 characters", async () => {
  const sent = signed("standard-webhooks");
  const good = sent.headers["webhook-signature"]!;
  const ofLength = (length: number) =>
    headersOf(sent, { "webhook-signature": `${good} v2,`.padEnd(length, "A") });
  await accepted(verify("standard-webhooks", ofLength(4_096)));
  assert.deepEqual(await verify("standard-webhooks", ofLength(4_097)), MALFORMED);
});

for (const id of ["", "msg.1", "msg 1", "msg_1, msg_1", "x".repeat(129), "msg_é"]) {
  Deno.test(`standard-webhooks: "${id.slice(0, 20)}" is no id`, async () => {
    const sent = headersOf(signed("standard-webhooks"), { "webhook-id": id });
    assert.deepEqual(await verify("standard-webhooks", sent), MALFORMED);
  });
}

Deno.test("standard-webhooks: a secret may lack its prefix and its padding", async () => {
  const { secret } = SENDERS["standard-webhooks"];
  const bare = secret.replace("whsec_", "");
  for (const text of [bare, bare.replaceAll("=", ""), secret.replaceAll("=", "")]) {
    await accepted(verify("standard-webhooks", signed("standard-webhooks"), [text]));
  }
});

Deno.test("stripe: v0 never counts, several v1 may come", async () => {
  const sent = signed("stripe");
  const header = sent.headers["stripe-signature"]!;
  const renamed = header.replace(/,v0=.*/, "").replace("v1=", "v0=");
  const onlyV0 = headersOf(sent, { "stripe-signature": renamed });
  assert.deepEqual(await verify("stripe", onlyV0), MALFORMED);
  const two = header.replace("v1=", `v1=${"cd".repeat(32)},v1=`);
  await accepted(verify("stripe", headersOf(sent, { "stripe-signature": two })));
  const twoTimes = headersOf(sent, { "stripe-signature": `t=${NOW},${header}` });
  assert.deepEqual(await verify("stripe", twoTimes), MALFORMED);
});

Deno.test("stripe: 16 signatures of any kind are taken, 17 are not", async () => {
  const sent = signed("stripe");
  const good = sent.headers["stripe-signature"]!.replace(/,v0=.*/, "");
  for (const kind of ["v0", "v1"]) {
    const more = (count: number) =>
      headersOf(sent, {
        "stripe-signature": good + `,${kind}=${"cd".repeat(32)}`.repeat(count),
      });
    await accepted(verify("stripe", more(15)));
    assert.deepEqual(await verify("stripe", more(16)), MALFORMED);
  }
});

Deno.test("stripe: a thin event is known by its id, however often it is sent", async () => {
  const thin = JSON.stringify({
    id: "evt_test_65RCEQ2Qs",
    object: "v2.core.event",
    type: "v1.billing.meter.error_report_triggered",
    related_object: { id: "mtr_1", type: "billing.meter", url: "/v1/billing/meters/mtr_1" },
  });
  for (const seconds of [NOW, NOW + 60]) {
    const { replayKey } = await accepted(verify("stripe", signed("stripe", thin, seconds)));
    assert.equal(replayKey, "evt_test_65RCEQ2Qs");
  }
});

Deno.test("stripe: a body without an event id is known by what was signed", async () => {
  for (const body of ["{}", '{"id":"cus_1"}', '{"id":7}', "[]", "no JSON", '{"id":"evt_ 1"}']) {
    const { replayKey } = await accepted(verify("stripe", signed("stripe", body)));
    assert.match(replayKey, /^sha256:[0-9a-f]{64}$/, body);
  }
});

Deno.test("github: the SHA-1 header is not looked at", async () => {
  const { secret, sample } = SENDERS.github;
  const sha1 = `sha1=${createHmac("sha1", secret).update(sample).digest("hex")}`;
  const sent = { headers: { "x-hub-signature": sha1 }, body: sample };
  assert.deepEqual(await verify("github", sent), MALFORMED);
  const inPlace = { headers: { "x-hub-signature-256": sha1 }, body: sample };
  assert.deepEqual(await verify("github", inPlace), MALFORMED);
});

Deno.test("github: another delivery id makes no other event", async () => {
  const sent = signed("github");
  const first = await accepted(verify("github", sent));
  const again = headersOf(sent, { "x-github-delivery": crypto.randomUUID() });
  assert.equal((await accepted(verify("github", again))).replayKey, first.replayKey);
});

Deno.test("a copy with only the other signature of a rotation is the same event", async () => {
  const { otherSecret, secret } = SENDERS.jobforge;
  const [one, other] = [secret, otherSecret].map((each) =>
    SENDERS.jobforge.send(each, '{"order":1}')
  );
  const keys = await Promise.all(
    [one!, other!].map(async (sent) =>
      (await accepted(verify("jobforge", sent, [secret, otherSecret]))).replayKey
    ),
  );
  assert.equal(keys[0], keys[1]);
});

Deno.test("slack: a challenge is to be sent back, and only as a text of moderate length", async () => {
  const body = (challenge: unknown) => JSON.stringify({ type: "url_verification", challenge });
  const found = await accepted(verify("slack", signed("slack", body("3eZbrw1aB"))));
  assert.equal(found.answer, ANSWERS.slack.url_verification);
  assert.deepEqual(found.reply, { challenge: "3eZbrw1aB" });
  for (const invalid of [7, null, { a: 1 }, "x".repeat(257)]) {
    const event = await accepted(verify("slack", signed("slack", body(invalid))));
    assert.equal(event.answer, ANSWERS.slack.event);
  }
});

Deno.test("slack: a signature of another version does not count", async () => {
  const sent = signed("slack");
  const other = sent.headers["x-slack-signature"]!.replace("v0=", "v1=");
  assert.deepEqual(
    await verify("slack", headersOf(sent, { "x-slack-signature": other })),
    MALFORMED,
  );
});

Deno.test("slack: an event sent again is the same event", async () => {
  const later = await accepted(verify("slack", signed("slack", undefined, NOW + 20)));
  assert.equal(later.replayKey, "Ev08MFMKH6");
});

Deno.test("linear: the time in the body is signed and may differ by a minute", async () => {
  const at = (time: unknown) =>
    signed("linear", JSON.stringify({ action: "create", webhookTimestamp: time }));
  for (const time of [NOW * 1000 - 60_000, NOW * 1000 + 60_000]) {
    await accepted(verify("linear", at(time)));
  }
  const stale = { ok: false, cause: "stale" };
  for (
    const time of [NOW * 1000 - 60_001, NOW * 1000 + 60_001, NOW, `${NOW}000`, null, undefined]
  ) {
    assert.deepEqual(await verify("linear", at(time)), stale, String(time));
  }
  assert.deepEqual(await verify("linear", signed("linear", "no JSON")), stale);
});

Deno.test("discord: pings are answered in their own way, events and commands are not pings", async () => {
  const answerTo = async (body: unknown) =>
    (await accepted(verify("discord", signed("discord", JSON.stringify(body))))).answer;
  const answers = ANSWERS.discord;
  assert.equal(await answerTo({ type: 1, id: "1" }), answers.ping);
  assert.equal(await answerTo({ type: 0, version: 1 }), answers.webhook_ping);
  const event = { type: 1, version: 1, event: { type: "ENTITLEMENT" } };
  assert.equal(await answerTo(event), answers.webhook_event);
  assert.equal(await answerTo({ type: 2, id: "846462639134605312" }), answers.event);
});

Deno.test("discord: a ping with a bad signature is refused, as the probes of Discord require", async () => {
  const sent = SENDERS.discord.send(SENDERS.discord.otherSecret, '{"type":1}');
  assert.deepEqual(await verify("discord", sent), FORGED);
});

Deno.test("discord: a public key that is not a point of the curve verifies nothing", async () => {
  for (const key of ["ff".repeat(32), "00".repeat(32), "zz", ""]) {
    assert.equal((await verify("discord", signed("discord"), [key])).ok, false);
  }
});

Deno.test("twilio: members of a form are signed in order of their names", async () => {
  const sent = signed("twilio");
  const reordered = { ...sent, body: sent.body.split("&").reverse().join("&") };
  const keys = await Promise.all(
    [sent, reordered].map(async (each) => (await accepted(verify("twilio", each))).replayKey),
  );
  assert.equal(keys[0], keys[1]);
  const more = { ...sent, body: `${sent.body}&Extra=1` };
  assert.deepEqual(await verify("twilio", more), FORGED);
});

Deno.test("twilio: the address counts with and without its default port", async () => {
  const { sample, secret, url } = SENDERS.twilio;
  const sent = signed("twilio");
  const members = new URLSearchParams(sample);
  members.sort();
  const text = url!.replace(".com/", ".com:443/") + [...members].map(([n, v]) => n + v).join("");
  const mac = createHmac("sha1", secret).update(text).digest("base64");
  await accepted(verify("twilio", headersOf(sent, { "x-twilio-signature": mac })));
  const other = text.replace(":443", ":8443");
  const wrong = createHmac("sha1", secret).update(other).digest("base64");
  assert.deepEqual(
    await verify("twilio", headersOf(sent, { "x-twilio-signature": wrong })),
    FORGED,
  );
});

Deno.test("twilio: another kind of body is signed by its hash", async () => {
  const { secret } = SENDERS.twilio;
  const sent = sendTwilioJson(secret, '{"a":1}');
  await accepted(verify("twilio", sent));
  assert.deepEqual(await verify("twilio", { ...sent, body: '{"a":2}' }), FORGED);
  assert.deepEqual(await verify("twilio", { ...sent, query: "" }), MALFORMED);
  const twice = { ...sent, query: `${sent.query}&${sent.query}` };
  assert.deepEqual(await verify("twilio", twice), MALFORMED);
});

Deno.test("twilio: without the public address nothing can be verified", async () => {
  const endpoint = {
    scheme: "twilio" as const,
    secrets: [SENDERS.twilio.secret],
    toleranceSeconds: 300,
  };
  const verdict = await verifyWebhook(endpoint, received(signed("twilio")), parse, NOW);
  assert.deepEqual(verdict, MALFORMED);
});
