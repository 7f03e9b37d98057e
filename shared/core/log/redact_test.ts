import assert from "node:assert/strict";
import { redact } from "./redact.ts";

// Built at run time, so that no scanner takes them for real ones.
const CANARY = "c4n4ry".repeat(6);
const SECRETS: Record<string, string> = {
  "a secret key": ["sb", "secret", CANARY].join("_"),
  "an access token": ["sbp", CANARY].join("_"),
  "a signing secret": `${["whsec", CANARY].join("_")}+/==`,
  "a JWT": ["eyJhbGciOiJIUzI1NiJ9", CANARY, CANARY].join("."),
  "a Bearer token": `Bearer ${CANARY}`,
  "a Basic credential": `basic ${CANARY}`,
  "a private key": `-----BEGIN EC PRIVATE KEY-----\n${CANARY}\n`,
  "a signature": `v1,${CANARY}`,
  "a password of a URL": `postgresql://postgres:${CANARY}@db.example.com:5432/postgres`,
  "a query of a URL": `https://api.example.com/v1?access=${CANARY}&x=1`,
  "an apikey header": `apikey: ${CANARY}`,
  "a header as JSON": `{"authorization":"${CANARY} x"}`,
  "a cookie": `set-cookie: sid=${CANARY}`,
  "a password of a connection string": `host=db password=${CANARY}`,
  "a webhook signature": `x-hub-signature: ${CANARY}`,
};

for (const [what, secret] of Object.entries(SECRETS)) {
  Deno.test(`${what} is blanked, and what stands around it stays`, () => {
    const redacted = redact(`the call failed (${secret} ), after 3 attempts`);
    assert.ok(!redacted.includes(CANARY), redacted);
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
