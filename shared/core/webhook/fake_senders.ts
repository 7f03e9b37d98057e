import { createHash, generateKeyPairSync, sign as signEd25519 } from "node:crypto";
import { Buffer } from "node:buffer";
import { type FakeSender, JSON_TYPE, mac, NOW, type Sent } from "./fake_sender.ts";
import { serviceSenders } from "./fake_service_senders.ts";
import { standardSenders } from "./fake_standard_senders.ts";
import type { SchemeName, SignedRequest } from "./scheme.ts";

export { type FakeSender, NOW, type Sent } from "./fake_sender.ts";

const discordKeys = new Map([1, 2].map(() => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const der = publicKey.export({ type: "spki", format: "der" });
  return [der.subarray(-32).toString("hex"), privateKey] as const;
}));
const [discordKey, otherDiscordKey] = [...discordKeys.keys()];
const TWILIO_URL = "https://hooks.example.com/functions/v1/webhook-verify/twilio";

/** One sender for each scheme. */
export const SENDERS: Record<SchemeName, FakeSender> = {
  ...standardSenders,
  ...serviceSenders,
  stripe: {
    secret: "whsec_stripe_test_key_0001",
    otherSecret: "whsec_stripe_test_key_0002",
    sample: '{"id":"evt_1Pabc","object":"event","type":"invoice.paid"}',
    signatureHeader: "stripe-signature",
    send: (secret, body, seconds = NOW) => ({
      headers: {
        ...JSON_TYPE,
        "stripe-signature": `t=${seconds},v1=${mac(secret, `${seconds}.${body}`, "hex")},v0=${
          "ab".repeat(32)
        }`,
      },
      body,
    }),
  },
  github: {
    secret: "a github secret of our own",
    otherSecret: "another github secret",
    sample: '{"action":"opened","number":12}',
    signatureHeader: "x-hub-signature-256",
    send: (secret, body) => ({
      headers: {
        ...JSON_TYPE,
        "x-github-event": "pull_request",
        "x-github-delivery": "6f1f5b40-0000-11ee-8000-000000000000",
        "x-hub-signature-256": `sha256=${mac(secret, body, "hex")}`,
      },
      body,
    }),
  },
  slack: {
    secret: "8f742231b10e8888abcd99yyyzzz85a5",
    otherSecret: "0f742231b10e8888abcd99yyyzzz85a5",
    sample: '{"type":"event_callback","event_id":"Ev08MFMKH6","event":{"type":"app_mention"}}',
    signatureHeader: "x-slack-signature",
    send: (secret, body, seconds = NOW) => ({
      headers: {
        ...JSON_TYPE,
        "x-slack-request-timestamp": `${seconds}`,
        "x-slack-signature": `v0=${mac(secret, `v0:${seconds}:${body}`, "hex")}`,
      },
      body,
    }),
  },
  shopify: {
    secret: "shpss_0123456789abcdef0123456789abcdef",
    otherSecret: "shpss_1123456789abcdef0123456789abcdef",
    sample: '{"id":820982911946154508,"email":"jon@example.com"}',
    signatureHeader: "x-shopify-hmac-sha256",
    send: (secret, body) => ({
      headers: {
        ...JSON_TYPE,
        "x-shopify-topic": "orders/create",
        "x-shopify-hmac-sha256": mac(secret, body, "base64"),
      },
      body,
    }),
  },
  linear: {
    secret: "lin_wh_0123456789abcdef",
    otherSecret: "lin_wh_1123456789abcdef",
    sample: `{"action":"create","type":"Issue","webhookTimestamp":${NOW}000}`,
    signatureHeader: "linear-signature",
    send: (secret, body) => ({
      headers: {
        ...JSON_TYPE,
        "linear-event": "Issue",
        "linear-signature": mac(secret, body, "hex"),
      },
      body,
    }),
  },
  paddle: {
    secret: "pdl_ntfset_01hk_test_key_0001",
    otherSecret: "pdl_ntfset_01hk_test_key_0002",
    sample: '{"event_id":"evt_01hk","event_type":"transaction.paid","notification_id":"ntf_01hk"}',
    signatureHeader: "paddle-signature",
    send: (secret, body, seconds = NOW) => ({
      headers: {
        ...JSON_TYPE,
        "paddle-signature": `ts=${seconds};h1=${mac(secret, `${seconds}:${body}`, "hex")}`,
      },
      body,
    }),
  },
  twilio: {
    secret: "0123456789abcdef0123456789abcdef",
    otherSecret: "1123456789abcdef0123456789abcdef",
    sample: "To=%2B4912&From=%2B4934&Body=hi+there&AccountSid=AC1",
    signatureHeader: "x-twilio-signature",
    url: TWILIO_URL,
    send: (secret, body) => ({
      headers: {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "x-twilio-signature": mac(secret, TWILIO_URL + sortedForm(body), "base64", "sha1"),
      },
      body,
    }),
  },
  discord: {
    secret: discordKey!,
    otherSecret: otherDiscordKey!,
    sample: '{"id":"846462639134605312","type":2,"token":"t"}',
    signatureHeader: "x-signature-ed25519",
    send: (secret, body, seconds = NOW) => ({
      headers: {
        ...JSON_TYPE,
        "x-signature-timestamp": `${seconds}`,
        "x-signature-ed25519": signEd25519(
          null,
          Buffer.from(`${seconds}${body}`),
          discordKeys.get(secret)!,
        ).toString("hex"),
      },
      body,
    }),
  },
  jobforge: {
    secret: "jobforge test secret 0001",
    otherSecret: "jobforge test secret 0002",
    sample: '{"order":"A-17"}',
    signatureHeader: "x-jobforge-signature",
    send: (secret, body, seconds = NOW) => ({
      headers: {
        ...JSON_TYPE,
        "x-jobforge-signature": `t=${seconds},v1=${mac(secret, `${seconds}.${body}`, "hex")}`,
      },
      body,
    }),
  },
};

/**
 * Returns a request of Twilio with a JSON body. Its hash is in the query, and the query is signed.
 */
export function sendTwilioJson(secret: string, body: string): Sent {
  const query = `bodySHA256=${createHash("sha256").update(body).digest("hex")}`;
  const signature = mac(secret, `${TWILIO_URL}?${query}`, "base64", "sha1");
  return { headers: { ...JSON_TYPE, "x-twilio-signature": signature }, body, query };
}

/** Returns a webhook of Twilio whose event is in the query, as its settings of a number allow. */
export function sendTwilioGet(secret: string, query: string): Sent {
  const signature = mac(secret, `${TWILIO_URL}?${query}`, "base64", "sha1");
  return { method: "GET", headers: { "x-twilio-signature": signature }, body: "", query };
}

/** Returns a form of Twilio under a webhook setting with a key and HMAC-SHA256. */
export function sendTwilioSha256(secret: string, body: string): Sent {
  return {
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-webhooks-signature-settings": "key=KY01,algorithm=HMAC_SHA256",
      "x-twilio-signature": mac(secret, TWILIO_URL + sortedForm(body), "base64"),
    },
    body,
  };
}

function sortedForm(body: string): string {
  const members = [...new URLSearchParams(body)].sort(([left], [right]) => left < right ? -1 : 1);
  return members.map(([name, value]) => name + value).join("");
}

/** Returns a sent request as the schemes read it. */
export function received(sent: Sent, url?: string): SignedRequest {
  const headers = new Headers(sent.headers);
  return {
    method: sent.method ?? "POST",
    header: (name) => headers.get(name),
    body: new TextEncoder().encode(sent.body),
    url,
    query: sent.query ?? "",
  };
}
