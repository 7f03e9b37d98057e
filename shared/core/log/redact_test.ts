import assert from "node:assert/strict";
import { redact, redactStart } from "./redact.ts";

// Built at run time, so that no scanner mistakes them for real ones.
const PLANTED_VALUE = "c4n4ry".repeat(6);
const SECRETS: Record<string, string> = {
  "a secret key": ["sb", "secret", PLANTED_VALUE].join("_"),
  "an access token": ["sbp", PLANTED_VALUE].join("_"),
  "a signing secret": `${["whsec", PLANTED_VALUE].join("_")}+/==`,
  "a JWT": ["eyJhbGciOiJIUzI1NiJ9", PLANTED_VALUE, PLANTED_VALUE].join("."),
  "a Bearer token": `Bearer ${PLANTED_VALUE}`,
  "a Basic credential": `basic ${PLANTED_VALUE}`,
  "a private key": `-----BEGIN EC PRIVATE KEY-----\n${PLANTED_VALUE}\n`,
  "a signature": `v1,${PLANTED_VALUE}`,
  "a password of a URL": `postgresql://postgres:${PLANTED_VALUE}@db.example.com:5432/postgres`,
  "a query of a URL": `https://api.example.com/v1?access=${PLANTED_VALUE}&x=1`,
  "an apikey header": `apikey: ${PLANTED_VALUE}`,
  "a header as JSON": `{"authorization":"${PLANTED_VALUE} x"}`,
  "a cookie": `set-cookie: sid=${PLANTED_VALUE}`,
  "a password of a connection string": `host=db password=${PLANTED_VALUE}`,
  "a webhook signature": `x-hub-signature: ${PLANTED_VALUE}`,
};

for (const [what, secret] of Object.entries(SECRETS)) {
  Deno.test(`${what} is blanked, and what stands around it stays`, () => {
    const redacted = redact(`the call failed (${secret} ), after 3 attempts`);
    assert.ok(!redacted.includes(PLANTED_VALUE), redacted);
    assert.match(redacted, /^the call failed \(.*\[redacted\].* after 3 attempts$/s);
  });
}

Deno.test("ordinary messages stay as they are", () => {
  for (
    const text of [
      "the mail provider is busy: 503 from https://api.example.com/v1/send",
      "tokens 12 to 40 of 100: ratio 1/2, at 10:30; user@example.com has no inbox",
      "row 7: expected a number",
    ]
  ) assert.equal(redact(text), text);
});

const CUT = {
  ...SECRETS,
  "a field in double quotes": `{"password": "${PLANTED_VALUE} ${PLANTED_VALUE}"}`,
  "a field in single quotes": `token='${PLANTED_VALUE} ${PLANTED_VALUE}'`,
  "a key of several lines": `-----BEGIN PRIVATE KEY-----\n${`${PLANTED_VALUE}\n`.repeat(4)}`,
};
for (const [what, secret] of Object.entries(CUT)) {
  Deno.test(`${what} is blanked wherever a cut splits it`, () => {
    const text = `the call failed (${secret} ), after 3 attempts`;
    for (let most = 1; most <= text.length; most++) {
      // Three characters name the kind of a key at most. Six would be a part of it.
      assert.ok(!redactStart(text, most).includes("c4n4ry"), `${most}: ${redactStart(text, most)}`);
    }
  });
}

Deno.test("a cut removes nothing from an ordinary message, and bounds a huge one", () => {
  assert.equal(redactStart("row 7: expected a number", 10), "row 7: exp");
  assert.equal(redactStart("x".repeat(50_000_000), 4_000).length, 4_000);
});
