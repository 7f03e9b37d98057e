import assert from "node:assert/strict";
import {
  NOW,
  received,
  SENDERS,
  sendTwilioGet,
  sendTwilioJson,
  sendTwilioSha256,
  type Sent,
} from "./fake_senders.ts";
import { mac } from "./fake_sender.ts";
import { type Verdict, verifyWebhook } from "./verify.ts";

const { sample, secret, send, url } = SENDERS.twilio;
const MALFORMED = { ok: false, cause: "malformed" };
const FORGED = { ok: false, cause: "signature" };
const SETTINGS = "x-twilio-webhooks-signature-settings";

function verify(sent: Sent, at: string | undefined = url): Promise<Verdict> {
  const endpoint = { scheme: "twilio" as const, secrets: [secret], toleranceSeconds: 300 };
  return verifyWebhook(endpoint, received(sent, at), () => undefined, NOW);
}

async function accepts(sent: Sent, at?: string): Promise<void> {
  assert.equal((await verify(sent, at)).ok, true);
}

function withSettings(sent: Sent, settings: string): Sent {
  return { ...sent, headers: { ...sent.headers, [SETTINGS]: settings } };
}

Deno.test("twilio: the settings of a webhook choose SHA-256", async () => {
  const sent = sendTwilioSha256(secret, sample);
  await accepts(sent);
  for (const settings of ["algorithm=HMAC_SHA256", "key=KY01, algorithm=HMAC_SHA256"]) {
    await accepts(withSettings(sent, settings));
  }
  await accepts(withSettings(send(secret, sample), "key=KY01,algorithm=HMAC_SHA1"));
});

Deno.test("twilio: unknown settings and signatures of the other hash are refused", async () => {
  const sent = sendTwilioSha256(secret, sample);
  const settings = [
    "",
    "key=KY01",
    "algorithm=HMAC_MD5",
    "algorithm=hmac_sha256",
    "algorithm=HMAC_SHA256,algorithm=HMAC_SHA1",
    "algorithm=HMAC_SHA1",
  ];
  for (const each of settings) {
    assert.deepEqual(await verify(withSettings(sent, each)), MALFORMED, each);
  }
  const { [SETTINGS]: _, ...headers } = sent.headers;
  assert.deepEqual(await verify({ ...sent, headers }), MALFORMED);
});

Deno.test("twilio: the query of a GET is signed as it came", async () => {
  const query = "From=%2B4934&Body=a%20b&Empty=";
  const sent = sendTwilioGet(secret, query);
  await accepts(sent);
  for (
    const other of ["", `${query}&x=1`, "Body=a%20b&From=%2B4934&Empty=", query.replace("a", "b")]
  ) {
    assert.deepEqual(await verify({ ...sent, query: other }), FORGED, other);
  }
});

Deno.test("twilio: the query of the configured address comes with the request", async () => {
  const configured = `${url}?tenant=1`;
  const signature = mac(secret, `${configured}&From=1`, "base64", "sha1");
  const sent: Sent = {
    method: "GET",
    headers: { "x-twilio-signature": signature },
    ...{ body: "", query: "tenant=1&From=1" },
  };
  await accepts(sent, configured);
});

Deno.test("twilio: a form is taken under the configured address and under the one that came", async () => {
  const sent = send(secret, sample);
  await accepts({ ...sent, query: "added=by-a-proxy" });
  const text = `${url}?call=7`;
  const members = [...new URLSearchParams(sample)].sort(([a], [b]) => a < b ? -1 : 1);
  const signature = mac(secret, text + members.flat().join(""), "base64", "sha1");
  const headers = { ...sent.headers, "x-twilio-signature": signature };
  await accepts({ ...sent, headers, query: "call=7" });
  assert.deepEqual(await verify({ ...sent, headers, query: "call=8" }), FORGED);
});

Deno.test("twilio: the hash of a body is signed, however its name is written", async () => {
  const sent = sendTwilioJson(secret, '{"a":1}');
  await accepts(sent);
  // A signature over the address alone must not cover a body by a hash that is added to it.
  const signature = mac(secret, url!, "base64", "sha1");
  const headers = { ...sent.headers, "x-twilio-signature": signature };
  for (const name of ["bodySHA256", "bodySHA25%36"]) {
    const query = sent.query!.replace("bodySHA256", name);
    assert.deepEqual(await verify({ ...sent, headers, query }), FORGED, name);
  }
});

Deno.test("twilio: a body of JSON cannot be left out of its signed address", async () => {
  const sent = sendTwilioJson(secret, '{"a":1}');
  assert.deepEqual(await verify({ ...sent, method: "GET", body: "" }), FORGED);
  const headers = { ...sent.headers, "content-type": "application/x-www-form-urlencoded" };
  assert.deepEqual(await verify({ ...sent, headers, body: "" }), FORGED);
});

Deno.test("twilio: a GET has no body", async () => {
  const sent = sendTwilioGet(secret, "From=1");
  assert.deepEqual(await verify({ ...sent, body: "From=2" }), MALFORMED);
});

Deno.test("twilio: members count once however often they come, as its libraries sign them", async () => {
  const sent = send(secret, "a=1&b=2");
  await accepts({ ...sent, body: "a=1&b=2&a=1" });
  assert.deepEqual(await verify({ ...sent, body: "a=1&b=2&a=3" }), FORGED);
});

/** A form whose signature was made over this text. */
function formSigned(text: string, body: string): Sent {
  const headers = { ...send(secret, body).headers };
  headers["x-twilio-signature"] = mac(secret, text, "base64", "sha1");
  return { headers, body };
}

Deno.test("twilio: the values of a member are signed in their order of letters", async () => {
  await accepts(formSigned(`${url}a1a2b3`, "b=3&a=2&a=1"));
});

Deno.test("twilio: a form has 1,000 members at most", async () => {
  const form = (count: number) => {
    const names = Array.from({ length: count }, (_, at) => `m${1_000 + at}`);
    return formSigned(url + names.map((name) => `${name}1`).join(""), `${names.join("=1&")}=1`);
  };
  await accepts(form(1_000));
  assert.deepEqual(await verify(form(1_001)), MALFORMED);
});

const PORTS: [configured: string, signed: string][] = [
  ["https://hooks.example.com/in", "https://hooks.example.com:443/in"],
  ["http://hooks.example.com/in", "http://hooks.example.com:80/in"],
  ["https://hooks.example.com:8443/in", "https://hooks.example.com/in"],
];

for (const [configured, signed] of PORTS) {
  Deno.test(`twilio: ${configured} may be signed as ${signed}`, async () => {
    await accepts(formSigned(`${signed}a1`, "a=1"), configured);
  });
}

Deno.test("twilio: a second hash of the body is refused", async () => {
  const sent = sendTwilioJson(secret, '{"a":1}');
  const query = `${sent.query}&${sent.query}`;
  const signature = mac(secret, `${url}?${query}`, "base64", "sha1");
  const headers = { ...sent.headers, "x-twilio-signature": signature };
  assert.deepEqual(await verify({ ...sent, headers, query }), MALFORMED);
});
