import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { Buffer } from "node:buffer";
import { NOW, received, type Sent } from "./fake_senders.ts";
import type { CustomSignature } from "./schemes/custom.ts";
import { type Verdict, verifyWebhook } from "./verify.ts";

const SECRET = "00112233445566778899aabbccddeeff";
const BODY = '{"meta":{"id":"e-7"},"n":1}';
const URL = "https://hooks.example.com/in?a=1";

function verify(
  signature: CustomSignature,
  headers: Record<string, string>,
  body = BODY,
  secret = SECRET,
): Promise<Verdict> {
  const endpoint = {
    scheme: "custom" as const,
    signature,
    secrets: [secret],
    toleranceSeconds: 300,
  };
  const sent: Sent = { headers: { "content-type": "application/json", ...headers }, body };
  return verifyWebhook(
    endpoint,
    received(sent, URL),
    (bytes) => JSON.parse(new TextDecoder().decode(bytes)),
    NOW,
  );
}

function signed(text: string, hash = "sha256", key: string | Buffer = SECRET): Buffer {
  return createHmac(hash, key).update(text).digest();
}

/** How services outside of the list sign, as their configuration. */
const SERVICES: [string, CustomSignature, Record<string, string>, string?][] = [
  ["the body in hex", { header: "x-sign" }, { "x-sign": signed(BODY).toString("hex") }],
  [
    "the body in upper-case hex",
    { header: "x-sign" },
    { "x-sign": signed(BODY).toString("hex").toUpperCase() },
  ],
  [
    "SHA-1 in base64 behind a prefix",
    { header: "x-sign", prefix: "sha1=", encoding: "base64", algorithm: "sha1" },
    { "x-sign": `sha1=${signed(BODY, "sha1").toString("base64")}` },
  ],
  [
    "SHA-512 in base64url",
    { header: "x-sign", encoding: "base64url", algorithm: "sha512" },
    { "x-sign": signed(BODY, "sha512").toString("base64url") },
  ],
  [
    "SHA-256 in base64url with padding",
    { header: "x-sign", encoding: "base64url" },
    { "x-sign": `${signed(BODY).toString("base64url")}=` },
  ],
  [
    "time in milliseconds before the body",
    {
      header: "x-sign",
      signed: "{timestamp}.{body}",
      timestamp_header: "x-t",
      timestamp_unit: "ms",
    },
    { "x-sign": signed(`${NOW}000.${BODY}`).toString("hex"), "x-t": `${NOW}000` },
  ],
  [
    "method, URL, body and time",
    { header: "x-sign", signed: "POST{url}{body}{timestamp}", timestamp_header: "x-t" },
    { "x-sign": signed(`POST${URL}${BODY}${NOW}`).toString("hex"), "x-t": `${NOW}` },
  ],
  [
    "an ID and a line break",
    { header: "x-sign", signed: "{id}\n{body}", id_header: "x-id" },
    { "x-sign": signed(`e-9\n${BODY}`).toString("hex"), "x-id": "e-9" },
    "e-9",
  ],
  [
    "a secret of hex digits and an ID in the body",
    { header: "x-sign", secret: "hex", id_member: "meta.id" },
    { "x-sign": signed(BODY, "sha256", Buffer.from(SECRET, "hex")).toString("hex") },
    "e-7",
  ],
  [
    "an ID that is signed apart, which counts before the one in the body",
    { header: "x-sign", signed: "{id}.{body}", id_header: "x-id", id_member: "meta.id" },
    { "x-sign": signed(`e-9.${BODY}`).toString("hex"), "x-id": "e-9" },
    "e-9",
  ],
  [
    "a secret of base64",
    { header: "x-sign", secret: "base64" },
    { "x-sign": signed(BODY, "sha256", Buffer.from(SECRET, "base64")).toString("hex") },
  ],
];

for (const [what, signature, headers, id] of SERVICES) {
  Deno.test(`custom: ${what} can be configured`, async () => {
    const verdict = await verify(signature, headers);
    assert.equal(verdict.ok, true, JSON.stringify(verdict));
    const { replayKey } = verdict as Verdict & { ok: true };
    if (id) assert.equal(replayKey, id);
    else assert.match(replayKey, /^sha256:/);
    const other = await verify(signature, headers, BODY.replace("1", "2"));
    assert.deepEqual(other, { ok: false, cause: "signature" });
    const otherKey = "ffeeddccbbaa99887766554433221100";
    assert.deepEqual(await verify(signature, headers, BODY, otherKey), {
      ok: false,
      cause: "signature",
    });
    for (const name of Object.keys(headers)) {
      const { [name]: _, ...rest } = headers;
      assert.deepEqual(await verify(signature, rest), { ok: false, cause: "malformed" }, name);
    }
  });
}

const STALE: CustomSignature = {
  ...{ header: "x-sign", signed: "{timestamp}.{body}", timestamp_header: "x-t" },
};

Deno.test("custom: a signed time outside of the tolerance is refused", async () => {
  for (const at of [NOW - 301, NOW + 301]) {
    const headers = { "x-sign": signed(`${at}.${BODY}`).toString("hex"), "x-t": `${at}` };
    assert.deepEqual(await verify(STALE, headers), { ok: false, cause: "stale" });
  }
});

Deno.test("custom: a time counts in its configured unit alone", async () => {
  const headers = { "x-sign": signed(`${NOW}000.${BODY}`).toString("hex"), "x-t": `${NOW}000` };
  assert.deepEqual(await verify(STALE, headers), { ok: false, cause: "malformed" });
});

const MISSHAPEN: [string, CustomSignature, string][] = [
  ["another encoding", { header: "x-sign" }, signed(BODY).toString("base64")],
  ["another length", { header: "x-sign" }, signed(BODY, "sha1").toString("hex")],
  ["no prefix", { header: "x-sign", prefix: "v1=" }, signed(BODY).toString("hex")],
  ["another alphabet", { header: "x-sign", encoding: "base64url" }, "+/".repeat(21) + "8"],
  ["two values", { header: "x-sign" }, `${signed(BODY).toString("hex")}, 00`],
];

for (const [what, signature, value] of MISSHAPEN) {
  Deno.test(`custom: a signature with ${what} is refused`, async () => {
    const verdict = await verify(signature, { "x-sign": value });
    assert.deepEqual(verdict, { ok: false, cause: "malformed" });
  });
}

Deno.test("custom: without a configured signature nothing is verified", async () => {
  const endpoint = { scheme: "custom" as const, secrets: [SECRET], toleranceSeconds: 300 };
  const sent = { headers: { "x-sign": signed(BODY).toString("hex") }, body: BODY };
  const verdict = await verifyWebhook(endpoint, received(sent), () => ({}), NOW);
  assert.deepEqual(verdict, { ok: false, cause: "malformed" });
});
