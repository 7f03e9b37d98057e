import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { NOW, received, SENDERS } from "./fake_senders.ts";
import { ecdsaSignatures } from "./strict.ts";
import { type Verdict, verifyWebhook } from "./verify.ts";

const { sample, secret, send, signatureHeader } = SENDERS.sendgrid;

function verify(signature: string, key = secret): Promise<Verdict> {
  const sent = send(secret, sample);
  const endpoint = { scheme: "sendgrid" as const, secrets: [key], toleranceSeconds: 300 };
  const headers = { ...sent.headers, [signatureHeader]: signature };
  return verifyWebhook(endpoint, received({ ...sent, headers }), () => undefined, NOW);
}

const genuine = () => send(secret, sample).headers[signatureHeader]!;

Deno.test("sendgrid: signatures of every length are taken", async () => {
  for (let round = 0; round < 100; round++) {
    assert.equal((await verify(genuine())).ok, true);
  }
});

Deno.test("sendgrid: the verification key may come as PEM", async () => {
  const key = { key: Buffer.from(secret, "base64"), format: "der", type: "spki" } as const;
  const pem = createPublicKey(key).export({ format: "pem", type: "spki" }) as string;
  assert.equal((await verify(genuine(), pem)).ok, true);
});

Deno.test("sendgrid: a key that is not on the curve verifies nothing", async () => {
  const bytes = Buffer.from(secret, "base64");
  bytes[90]! ^= 1;
  const verdict = await verify(genuine(), bytes.toString("base64"));
  assert.deepEqual(verdict, { ok: false, cause: "signature" });
});

/** The public key whose private key is 1. It stands in for secrets that are missing. */
const BASE_POINT = {
  x: "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
  y: "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
  d: "1".padStart(64, "0"),
};

Deno.test("sendgrid: the key that stands in for a missing secret verifies nothing", async () => {
  const [x, y, d] = [BASE_POINT.x, BASE_POINT.y, BASE_POINT.d]
    .map((hex) => Buffer.from(hex, "hex").toString("base64url"));
  const jwk = { kty: "EC", crv: "P-256", x: x!, y: y!, d: d! };
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  const signature = sign("sha256", Buffer.from(`${NOW}${sample}`), key).toString("base64");
  const headers = { ...send(secret, sample).headers, [signatureHeader]: signature };
  for (const secrets of [[], [secret]]) {
    const endpoint = { scheme: "sendgrid" as const, secrets, toleranceSeconds: 300 };
    const request = received({ headers, body: sample });
    const verdict = await verifyWebhook(endpoint, request, () => undefined, NOW);
    assert.deepEqual(verdict, { ok: false, cause: "signature" });
  }
  const known = createPublicKey(key).export({ format: "der", type: "spki" }).toString("base64");
  assert.equal((await verify(signature, known)).ok, true);
});

const HIGH = "ff".repeat(32);
const DER: [string, string, boolean][] = [
  ["two small integers", "3006020101020102", true],
  ["an integer of two bytes and its sign", "30090202008002030080ff", true],
  ["sign bytes where they are needed", "30080202008002020081", true],
  ["a negative integer", "3006020181020101", false],
  ["a sign byte too many", "300702020001020101", false],
  ["zero", "3006020100020101", false],
  ["an integer of 33 bytes", `3026022101${HIGH}020101`, false],
  ["the largest integers", `3046022100${HIGH}022100${HIGH}`, true],
  ["no integer", "3000", false],
  ["one integer", "3003020101", false],
  ["three integers", "3009020101020101020101", false],
  ["an empty integer", "30050200020101", false],
  ["an integer that is cut", "3006020101020201", false],
  ["bytes behind", "300602010102010200", false],
  ["another length", "3007020101020102", false],
  ["another tag", "3106020101020102", false],
  ["another tag of an integer", "3006030101020102", false],
  ["nothing", "", false],
];

for (const [what, hex, valid] of DER) {
  Deno.test(`an ECDSA signature with ${what} is ${valid ? "read" : "malformed"}`, () => {
    const read = ecdsaSignatures([Buffer.from(hex, "hex").toString("base64")]);
    assert.equal(read !== undefined, valid);
    if (valid) assert.equal(read![0]!.length, 64);
  });
}
