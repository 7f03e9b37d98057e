import type { Bytes } from "../../encoding/bytes.ts";
import { textKey } from "../keys.ts";
import type { Scheme, SignedParts, SignedRequest } from "../scheme.ts";
import { base64Signatures, hexSignatures, memberOf } from "../strict.ts";

/** Returns the parts of one signature over the body alone. */
function overBody(
  request: SignedRequest,
  signatures: Bytes[] | undefined,
): SignedParts | undefined {
  return signatures && { signatures, contents: [request.body] };
}

/** GitHub. Only the SHA-256 header counts, never the older SHA-1 header. */
export const github: Scheme = {
  algorithm: "SHA-256",
  keptHeaders: ["x-github-event", "x-github-delivery", "x-github-hook-id"],
  keyOf: textKey,
  read(request) {
    const header = request.header("x-hub-signature-256") ?? "";
    const hex = header.startsWith("sha256=") ? header.slice("sha256=".length) : "";
    return overBody(request, hexSignatures([hex]));
  },
};

/** Shopify. It does not sign the topic, so give each topic its own endpoint. */
export const shopify: Scheme = {
  algorithm: "SHA-256",
  keptHeaders: [
    ...["x-shopify-topic", "x-shopify-shop-domain", "x-shopify-webhook-id"],
    ...["x-shopify-event-id", "x-shopify-api-version", "x-shopify-triggered-at"],
  ],
  keyOf: textKey,
  read: (request) =>
    overBody(request, base64Signatures([request.header("x-shopify-hmac-sha256") ?? ""])),
};

/** Linear. The time is `webhookTimestamp` of the body, in milliseconds. */
export const linear: Scheme = {
  algorithm: "SHA-256",
  keptHeaders: ["linear-event", "linear-delivery"],
  keyOf: textKey,
  read: (request) => overBody(request, hexSignatures([request.header("linear-signature") ?? ""])),
  bodyTimeSeconds: 60,
  factsOf(body) {
    const sentAt = memberOf(body, "webhookTimestamp");
    return { sentAt: Number.isSafeInteger(sentAt) ? Number(sentAt) / 1000 : undefined };
  },
};
