import { generateKeyPairSync, sign } from "node:crypto";
import { Buffer } from "node:buffer";
import { type FakeSender, JSON_TYPE, mac, NOW } from "./fake_sender.ts";

const sendgridKeys = new Map([1, 2].map(() => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return [
    publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    privateKey,
  ] as const;
}));
const [sendgridKey, otherSendgridKey] = [...sendgridKeys.keys()];
const HUBSPOT_URL = "https://hooks.example.com/functions/v1/webhook-verify/hubspot";

/** Senders of customer relations, mail and calls, and one that an operator describes. */
export const serviceSenders = {
  lemonsqueezy: {
    secret: "a lemon squeezy secret 01",
    otherSecret: "a lemon squeezy secret 02",
    sample: '{"meta":{"event_name":"order_created"},"data":{"type":"orders","id":"1"}}',
    signatureHeader: "x-signature",
    send: (secret, body) => ({
      headers: {
        ...JSON_TYPE,
        "x-event-name": "order_created",
        "x-signature": mac(secret, body, "hex"),
      },
      body,
    }),
  },
  intercom: {
    secret: "0b1b2b3b-4b5b-6b7b-8b9b-0123456789ab",
    otherSecret: "1b1b2b3b-4b5b-6b7b-8b9b-0123456789ab",
    sample: '{"type":"notification_event","id":"notif_78c122d0","delivery_attempts":1}',
    signatureHeader: "x-hub-signature",
    send: (secret, body) => ({
      headers: { ...JSON_TYPE, "x-hub-signature": `sha1=${mac(secret, body, "hex", "sha1")}` },
      body,
    }),
  },
  zoom: {
    secret: "zoom-secret-token-0001",
    otherSecret: "zoom-secret-token-0002",
    sample: '{"event":"meeting.started","event_ts":1790000000000,"payload":{"object":{"id":"2"}}}',
    signatureHeader: "x-zm-signature",
    send: (secret, body, seconds = NOW) => ({
      headers: {
        ...JSON_TYPE,
        "x-zm-request-timestamp": `${seconds}`,
        "x-zm-signature": `v0=${mac(secret, `v0:${seconds}:${body}`, "hex")}`,
      },
      body,
    }),
  },
  hubspot: {
    secret: "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
    otherSecret: "zyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
    sample: '[{"eventId":1,"subscriptionType":"contact.creation","attemptNumber":0}]',
    signatureHeader: "x-hubspot-signature-v3",
    url: HUBSPOT_URL,
    send: (secret, body, seconds = NOW) => ({
      headers: {
        ...JSON_TYPE,
        "x-hubspot-request-timestamp": `${seconds}000`,
        "x-hubspot-signature-v3": mac(secret, `POST${HUBSPOT_URL}${body}${seconds}000`, "base64"),
      },
      body,
    }),
  },
  sendgrid: {
    secret: sendgridKey!,
    otherSecret: otherSendgridKey!,
    sample: '[{"email":"a@example.com","event":"delivered","sg_event_id":"ZGVsaXZlcmVk"}]',
    signatureHeader: "x-twilio-email-event-webhook-signature",
    send: (secret, body, seconds = NOW) => ({
      headers: {
        ...JSON_TYPE,
        "x-twilio-email-event-webhook-timestamp": `${seconds}`,
        "x-twilio-email-event-webhook-signature": sign(
          "sha256",
          Buffer.from(`${seconds}${body}`),
          sendgridKeys.get(secret)!,
        ).toString("base64"),
      },
      body,
    }),
  },
  custom: {
    secret: "the secret of a custom sender 01",
    otherSecret: "the secret of a custom sender 02",
    sample: '{"order":"A-17","n":2}',
    signatureHeader: "acme-signature",
    signature: {
      header: "acme-signature",
      prefix: "v1=",
      encoding: "base64",
      algorithm: "sha512",
      signed: "{timestamp}.{body}",
      timestamp_header: "acme-timestamp",
    },
    send: (secret, body, seconds = NOW) => ({
      headers: {
        ...JSON_TYPE,
        "acme-timestamp": `${seconds}`,
        "acme-signature": `v1=${mac(secret, `${seconds}.${body}`, "base64", "sha512")}`,
      },
      body,
    }),
  },
} satisfies Record<string, FakeSender>;
