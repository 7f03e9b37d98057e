import { type Bytes, utf8 } from "../../encoding/bytes.ts";
import type { Scheme, SignedParts, SignedRequest } from "../scheme.ts";
import { after, base64Signatures, hexSignatures, memberOf, plainId } from "../strict.ts";

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
  secretForm: "text",
  formMember: "payload",
  read: (request) =>
    overBody(request, hexSignatures([after("sha256=", request.header("x-hub-signature-256"))])),
};

/** Shopify. It does not sign the topic, so give each topic its own endpoint. */
export const shopify: Scheme = {
  algorithm: "SHA-256",
  keptHeaders: [
    ...["topic", "shop-domain", "webhook-id", "event-id", "api-version", "triggered-at"]
      .flatMap((name) => [`x-shopify-${name}`, `shopify-${name}`]),
  ],
  secretForm: "text",
  read(request) {
    // Shopify Events name their headers without the x.
    const header = request.header("x-shopify-hmac-sha256") ?? request.header("shopify-hmac-sha256");
    return overBody(request, base64Signatures([header ?? ""]));
  },
};

/** Linear. The time is `webhookTimestamp` of the body, in milliseconds. */
export const linear: Scheme = {
  algorithm: "SHA-256",
  keptHeaders: ["linear-event", "linear-delivery"],
  secretForm: "text",
  read: (request) => overBody(request, hexSignatures([request.header("linear-signature") ?? ""])),
  bodyTimeSeconds: 60,
  members: ["webhookTimestamp"],
  factsOf(body, request) {
    const sentAt = memberOf(body, "webhookTimestamp");
    return {
      sentAt: Number.isSafeInteger(sentAt) ? Number(sentAt) / 1000 : undefined,
      // A retry has another time and is otherwise the same.
      sameContent: withoutNumber(request.body, "webhookTimestamp"),
    };
  },
};

/** Lemon Squeezy. */
export const lemonsqueezy: Scheme = {
  algorithm: "SHA-256",
  keptHeaders: ["x-event-name"],
  secretForm: "text",
  read: (request) => overBody(request, hexSignatures([request.header("x-signature") ?? ""])),
};

/** Intercom. It signs with SHA-1. A retry counts its attempts in the body and keeps its `id`. */
export const intercom: Scheme = {
  algorithm: "SHA-1",
  keptHeaders: [],
  secretForm: "text",
  read(request) {
    const hex = after("sha1=", request.header("x-hub-signature"));
    return overBody(request, hexSignatures([hex], 20));
  },
  members: ["id"],
  factsOf(body) {
    const id = plainId(memberOf(body, "id"));
    return { id: id?.startsWith("notif_") ? id : undefined };
  },
};

/** Returns a JSON body with the numbers of a member set to 0, wherever it stands. */
export function withoutNumber(body: Bytes, name: string): Bytes {
  const text = new TextDecoder().decode(body);
  return utf8(
    text.replace(new RegExp(`"${name}"\\s{0,8}:\\s{0,8}[0-9]{1,20}`, "g"), `"${name}":0`),
  );
}
