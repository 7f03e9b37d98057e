import { type FakeSender, JSON_TYPE, mac, NOW, rawKey, whsec } from "./fake_sender.ts";

const SAMPLE = '{"type":"invoice.paid","data":{"id":7}}';

/** A sender by the headers of Standard Webhooks, under a prefix of their names. */
function standard(
  prefix: "webhook" | "svix",
  secrets: [string, string],
  keyOf: (secret: string) => string | Uint8Array = rawKey,
): FakeSender {
  return {
    secret: secrets[0],
    otherSecret: secrets[1],
    sample: SAMPLE,
    signatureHeader: `${prefix}-signature`,
    send: (secret, body, seconds = NOW) => ({
      headers: {
        ...JSON_TYPE,
        [`${prefix}-id`]: "msg_2Lml",
        [`${prefix}-timestamp`]: `${seconds}`,
        [`${prefix}-signature`]: `v1,${
          mac(keyOf(secret), `msg_2Lml.${seconds}.${body}`, "base64")
        }`,
      },
      body,
    }),
  };
}

/** Senders that follow Standard Webhooks. */
export const standardSenders = {
  "standard-webhooks": standard("webhook", [whsec(1), whsec(2)]),
  svix: standard("svix", [whsec(1), whsec(2)]),
  clerk: standard("svix", [whsec(3), whsec(4)]),
  resend: standard("svix", [whsec(5), whsec(6)]),
  "supabase-auth": {
    ...standard(
      "webhook",
      [`v1,${whsec(7)}`, `v1,${whsec(8)}`],
      (secret) => rawKey(secret.slice("v1,".length)),
    ),
    sample: '{"user":{"id":"1"},"email_data":{"token":"305805","token_hash":"7d5b"}}',
  },
  // The bytes of the secret as they are written are its key.
  polar: standard(
    "webhook",
    ["polar_whs_0123456789abcdef", "polar_whs_1123456789abcdef"],
    (secret) => secret,
  ),
} satisfies Record<string, FakeSender>;
