import assert from "node:assert/strict";
import { NOW, received, SENDERS, type Sent } from "./fake_senders.ts";
import { workOf } from "./fake_work_meter.ts";
import { SCHEME_NAMES, type SchemeName } from "./scheme.ts";
import { verifyWebhook } from "./verify.ts";

const SMALL = 65_000;
const LARGE = 260_000;
/** Sorting makes work grow slightly faster than the input, which grows by 4. Squares make it 16. */
const MAX_GROWTH = 5;
/** Times of the body's length: up to four contents under three keys, and reading it. */
const MAX_WORK = 30 * LARGE;

const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** Unsigned requests of a length that would cost a careless reader a multiple of it. */
const HOSTILE: Record<string, (scheme: SchemeName, length: number) => Sent> = {
  "a form of short members": (scheme, length) => ({
    ...forged(scheme, FORM),
    body: Array.from({ length: length / 6 }, (_, n) => `${n}=${n % 10}`).join("&"),
  }),
  "a form of one name": (scheme, length) => ({
    ...forged(scheme, FORM),
    body: "a=1&".repeat(length / 4),
  }),
  "a form of separators": (scheme, length) => ({
    ...forged(scheme, FORM),
    body: "&".repeat(length),
  }),
  "a form of escapes": (scheme, length) => ({
    ...forged(scheme, FORM),
    body: "%26".repeat(length / 3),
  }),
  "a body of brackets": (scheme, length) => ({ ...forged(scheme, {}), body: "[".repeat(length) }),
  "a body of quotes": (scheme, length) => ({
    ...forged(scheme, {}),
    body: `"webhookTimestamp"${" ".repeat(length)}`,
  }),
  "a long query": (scheme, length) => ({
    ...forged(scheme, {}),
    query: "bodySHA256=a&".repeat(length / 13),
  }),
};

/** A request of a sender under the secret of another one. */
function forged(scheme: SchemeName, more: Record<string, string>): Sent {
  const { otherSecret, sample, send } = SENDERS[scheme];
  const sent = send(otherSecret, sample);
  return { ...sent, headers: { ...sent.headers, ...more } };
}

function refusing(scheme: SchemeName, sent: Sent): Promise<void> {
  const { secret, signature, url } = SENDERS[scheme];
  const endpoint = { scheme, signature, secrets: [secret], toleranceSeconds: 300 };
  const request = received(sent, url);
  return verifyWebhook(endpoint, request, () => assert.fail("it is not read"), NOW)
    .then(({ ok }) => assert.equal(ok, false));
}

for (const scheme of SCHEME_NAMES) {
  for (const [what, make] of Object.entries(HOSTILE)) {
    Deno.test(`${scheme}: refusing ${what} costs work in proportion to its length`, async () => {
      const [small, large] = [make(scheme, SMALL), make(scheme, LARGE)];
      const work = [
        await workOf(() => refusing(scheme, small)),
        await workOf(() => refusing(scheme, large)),
      ];
      assert.ok(work[1]! <= MAX_WORK, `${work}`);
      assert.ok(work[1]! <= MAX_GROWTH * Math.max(work[0]!, SMALL), `${work}`);
    });
  }

  Deno.test(`${scheme}: a long header is refused before it is read`, async () => {
    const { signatureHeader } = SENDERS[scheme];
    const sent = forged(scheme, {});
    const names = [...Object.keys(sent.headers), "x-twilio-webhooks-signature-settings"];
    for (const part of ["v1=ab,", "v1,QUJD ", " ", "algorithm=,", "="]) {
      const long = (length: number) => part.repeat(length / part.length) + ".";
      const work = await workOf(async () => {
        for (const name of names) {
          await refusing(scheme, { ...sent, headers: { ...sent.headers, [name]: long(LARGE) } });
        }
        const headers = { ...sent.headers, [signatureHeader]: long(4_000) };
        await refusing(scheme, { ...sent, headers });
      });
      assert.ok(work <= LARGE, `${part}: ${work}`);
    }
  });
}

Deno.test("twilio: 1,000 members are read, one more is refused", async () => {
  const { secret, send, url } = SENDERS.twilio;
  const endpoint = { scheme: "twilio" as const, secrets: [secret], toleranceSeconds: 300 };
  const causes = await Promise.all([1_000, 1_001].map(async (members) => {
    const body = Array.from({ length: members }, (_, n) => `a${n}=${n}`).join("&");
    const verdict = await verifyWebhook(endpoint, received(send(secret, body), url), () => {}, NOW);
    return verdict.ok || verdict.cause;
  }));
  assert.deepEqual(causes, [true, "malformed"]);
});
