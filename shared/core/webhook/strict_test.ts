import assert from "node:assert/strict";
import { concatBytes, utf8 } from "../encoding/bytes.ts";
import { NOW, received, SENDERS, type Sent } from "./fake_senders.ts";
import { mac } from "./fake_sender.ts";
import type { SchemeName } from "./scheme.ts";
import { isCertificateCheck } from "./schemes/versioned.ts";
import { type Verdict, verifyWebhook } from "./verify.ts";

type Options = { tolerance?: number; url?: string | undefined };

/** Verifies a request at its time, by default as the sender's endpoint is configured. */
function verify(scheme: SchemeName, sent: Sent, options: Options = {}): Promise<Verdict> {
  const { secret, url } = SENDERS[scheme];
  const endpoint = { scheme, secrets: [secret], toleranceSeconds: options.tolerance ?? 300 };
  const request = received(sent, "url" in options ? options.url : url);
  return verifyWebhook(endpoint, request, (body) => JSON.parse(textOf(body)), NOW);
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("linear: the tolerance of an endpoint may be less than a minute", async () => {
  const { secret, send } = SENDERS.linear;
  const at = (seconds: number) => send(secret, `{"webhookTimestamp":${seconds}000}`);
  assert.equal((await verify("linear", at(NOW - 10), { tolerance: 10 })).ok, true);
  assert.deepEqual(await verify("linear", at(NOW - 11), { tolerance: 10 }), {
    ...{ ok: false, cause: "stale" },
  });
});

Deno.test("intercom: only the id of a notification names an event", async () => {
  const { secret, send } = SENDERS.intercom;
  const verdict = await verify("intercom", send(secret, '{"id":"conversation_1"}'));
  assert.match((verdict as Verdict & { ok: true }).replayKey, /^sha256:/);
});

Deno.test("zoom: a token with a colon is not signed, so it is an event like others", async () => {
  const { secret, send } = SENDERS.zoom;
  const body = (plainToken: string) =>
    JSON.stringify({ event: "endpoint.url_validation", payload: { plainToken } });
  for (const [token, isCheck] of [["a1_-", true], [`v0:${NOW}:{}`, false]] as const) {
    const verdict = await verify("zoom", send(secret, body(token))) as Verdict & { ok: true };
    assert.equal(verdict.answer.makesJob, !isCheck);
    assert.equal(verdict.reply !== undefined, isCheck);
  }
});

Deno.test("hubspot: it signs its URL with some escapes undone, and no request without one", async () => {
  const { secret } = SENDERS.hubspot;
  const sent = (url: string): Sent => ({
    headers: {
      "content-type": "application/json",
      "x-hubspot-request-timestamp": `${NOW}000`,
      "x-hubspot-signature-v3": mac(secret, `POST${url}[]${NOW}000`, "base64"),
    },
    body: "[]",
  });
  const url = "https://hooks.example.com/a%3Ab%20c";
  assert.equal(
    (await verify("hubspot", sent("https://hooks.example.com/a:b%20c"), { url })).ok,
    true,
  );
  assert.deepEqual(await verify("hubspot", sent("undefined"), { url: undefined }), {
    ...{ ok: false, cause: "malformed" },
  });
});

function isCheck(body: Uint8Array, headers: Record<string, string> = {}): boolean {
  const request = received({ headers, body: "" });
  return isCertificateCheck({ ...request, body: concatBytes([body]) });
}

Deno.test("slack: only a small form without a signature tries the certificate", () => {
  const check = "ssl_check=1&token=";
  assert.equal(isCheck(utf8(check.padEnd(1_024, "a"))), true);
  assert.equal(isCheck(utf8(check.padEnd(1_025, "a"))), false);
  assert.equal(isCheck(utf8(check), { "x-slack-signature": "v0=ab" }), false);
});
