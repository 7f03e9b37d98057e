import assert from "node:assert/strict";
import { NOW, received, SENDERS, type Sent } from "./fake_senders.ts";
import { mac } from "./fake_sender.ts";
import { verifyWebhook } from "./verify.ts";

const { otherSecret, sample, secret } = SENDERS.shopify;
const WEBHOOKS = "x-shopify-hmac-sha256";
const EVENTS = "shopify-hmac-sha256";
const signature = (by: string) => mac(by, sample, "base64");

async function verdictOf(headers: Record<string, string>): Promise<string | boolean> {
  const endpoint = { scheme: "shopify" as const, secrets: [secret], toleranceSeconds: 300 };
  const sent: Sent = { headers: { "content-type": "application/json", ...headers }, body: sample };
  const verdict = await verifyWebhook(endpoint, received(sent), () => undefined, NOW);
  return verdict.ok || verdict.cause;
}

const HEADERS: [what: string, headers: Record<string, string>, verdict: string | true][] = [
  ["the header of webhooks", { [WEBHOOKS]: signature(secret) }, true],
  ["the header of Shopify Events", { [EVENTS]: signature(secret) }, true],
  ["another secret", { [EVENTS]: signature(otherSecret) }, "signature"],
  ["hex in place of base64", { [EVENTS]: mac(secret, sample, "hex") }, "malformed"],
  ["a list of signatures", { [EVENTS]: `${signature(secret)}, ${signature(secret)}` }, "malformed"],
  [
    "a wrong signature beside the right one of the other header",
    { [WEBHOOKS]: signature(otherSecret), [EVENTS]: signature(secret) },
    "signature",
  ],
  ["no header", {}, "malformed"],
];

for (const [what, headers, verdict] of HEADERS) {
  Deno.test(`shopify: ${what} is ${verdict === true ? "accepted" : "refused"}`, async () => {
    assert.equal(await verdictOf(headers), verdict);
  });
}
