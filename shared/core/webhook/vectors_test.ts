import assert from "node:assert/strict";
import { utf8 } from "../encoding/bytes.ts";
import { received } from "./fake_senders.ts";
import type { SchemeName } from "./scheme.ts";
import { twilio } from "./schemes/twilio.ts";
import { signStandard } from "./sign.ts";
import { isSignedBy } from "./signature.ts";
import { verifyWebhook } from "./verify.ts";

/** Examples published by the senders. */
const PUBLISHED: [SchemeName, string, number, Record<string, string>, string][] = [
  [
    "standard-webhooks",
    ["whsec", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"].join("_"),
    1614265330,
    {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    '{"test": 2432232314}',
  ],
  [
    "github",
    "It's a Secret to Everybody",
    0,
    {
      "x-hub-signature-256":
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    },
    "Hello, World!",
  ],
  [
    "slack",
    "8f742231b10e8888abcd99yyyzzz85a5",
    1531420618,
    {
      "x-slack-request-timestamp": "1531420618",
      "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    },
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow" +
    "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner" +
    "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands" +
    "%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN" +
    "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
  ],
];

for (const [scheme, secret, now, headers, body] of PUBLISHED) {
  Deno.test(`${scheme}: the example its sender publishes is genuine`, async () => {
    const endpoint = { scheme, secrets: [secret], toleranceSeconds: 300 };
    const verdict = await verifyWebhook(endpoint, received({ headers, body }), () => ({}), now);
    assert.equal(verdict.ok, true);
  });
}

Deno.test("twilio: the example of its documentation is genuine", async () => {
  const parts = twilio.read(received(
    {
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
      },
      body: "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234" +
        "&From=%2B14158675309&To=%2B18005551212",
    },
    "https://mycompany.com/myapp.php?foo=1&bar=2",
  ));
  assert.ok(parts && await isSignedBy("SHA-1", utf8("12345"), parts));
});

Deno.test("discord: the first test vectors of RFC 8032 hold", async () => {
  const bytes = (hex: string) =>
    Uint8Array.from(hex.match(/../g) ?? [], (two) => parseInt(two, 16));
  const key = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
  const signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
  const signed = { contents: [bytes("72")], signatures: [bytes(signature)] };
  assert.equal(await isSignedBy("Ed25519", bytes(key), signed), true);
  const other = { ...signed, contents: [bytes("73")] };
  assert.equal(await isSignedBy("Ed25519", bytes(key), other), false);
});

Deno.test("our own signature is the one the specification's libraries make", async () => {
  const [, secret, timestamp, headers, body] = PUBLISHED[0]!;
  const message = { id: headers["webhook-id"]!, timestamp, body: utf8(body) };
  assert.deepEqual(await signStandard([secret], message), headers);
});
