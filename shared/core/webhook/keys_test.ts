import assert from "node:assert/strict";
import { base64Bytes, toBase64 } from "../encoding/bytes.ts";
import { SENDERS } from "./fake_senders.ts";
import { keyOf, type SecretForm } from "./keys.ts";
import { SCHEME_NAMES } from "./scheme.ts";
import { schemeOf } from "./schemes.ts";

for (const scheme of SCHEME_NAMES) {
  Deno.test(`${scheme}: line breaks behind a secret do not count`, () => {
    const { secret, signature } = SENDERS[scheme];
    const { secretForm } = schemeOf({ scheme, signature });
    const key = keyOf(secretForm, secret);
    assert.ok(key);
    for (const end of ["\n", "\r\n", "\n\n"]) {
      assert.deepEqual(keyOf(secretForm, secret + end), key);
    }
    // A public key as PEM has blanks and line breaks.
    const ignoresBlanks = secretForm === "p256";
    for (const text of [` ${secret}`, `${secret} `]) {
      assert.equal(String(keyOf(secretForm, text)) === String(key), ignoresBlanks);
    }
  });
}

const EQUAL: [SecretForm, string, string][] = [
  ["standard", "whsec_" + "-_8A".repeat(8), "v1,whsec_" + "+/8A".repeat(8)],
  ["standard", "A".repeat(22), "whsec_" + "A".repeat(22) + "=="],
  ["hex", "AB".repeat(16), "ab".repeat(16)],
  ["ed25519", "AB".repeat(32), "ab".repeat(32)],
  ["base64", "-_8A".repeat(8), "+/8A".repeat(8)],
];

for (const [form, one, other] of EQUAL) {
  Deno.test(`${form}: ${one} and ${other} are one key`, () => {
    assert.ok(keyOf(form, one));
    assert.deepEqual(keyOf(form, one), keyOf(form, other));
  });
}

const text = (bytes: number) => "k".repeat(bytes);
const hex = (bytes: number) => "ab".repeat(bytes);
const base64 = (bytes: number) => toBase64(new Uint8Array(bytes).fill(7));

const LENGTHS: [SecretForm, (bytes: number) => string][] = [
  ["text", text],
  ["standard", (bytes) => `whsec_${base64(bytes)}`],
  ["hex", hex],
  ["base64", base64],
];

for (const [form, secretOf] of LENGTHS) {
  Deno.test(`${form}: a key has at least 16 bytes`, () => {
    assert.equal(keyOf(form, secretOf(16))?.length, 16);
    assert.equal(keyOf(form, secretOf(15)), undefined);
  });
}

for (const bytes of [16, 17, 18]) {
  Deno.test(`base64 of ${bytes} bytes is one key with its padding and without`, () => {
    for (const form of ["standard", "base64"] as const) {
      const key = keyOf(form, base64(bytes));
      assert.equal(key?.length, bytes);
      assert.deepEqual(keyOf(form, base64(bytes).replace(/=+$/, "")), key);
    }
  });
}

for (const prefix of ["whsk_", "whpk_"]) {
  Deno.test(`a key pair of Standard Webhooks is no shared secret: ${prefix}`, () => {
    assert.equal(keyOf("standard", prefix + base64(32)), undefined);
  });
}

Deno.test("a public key of another curve is no key of P-256", () => {
  const { secret } = SENDERS.sendgrid;
  const bytes = base64Bytes(secret.replace(/-----[A-Z ]+-----|\s/g, ""))!;
  assert.ok(keyOf("p256", toBase64(bytes)));
  // The object identifier of the curve ends before the point.
  bytes[22]! ^= 1;
  assert.equal(keyOf("p256", toBase64(bytes)), undefined);
});
