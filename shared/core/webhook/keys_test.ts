import assert from "node:assert/strict";
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
