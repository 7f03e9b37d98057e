import { concatBytes, hexBytes, utf8 } from "../../encoding/bytes.ts";
import type { BodyFacts, Scheme } from "../scheme.ts";
import { hexSignatures, memberOf, plainId, unixSeconds } from "../strict.ts";

const WEBHOOK_PING = 0;
const INTERACTION_PING = 1;

/** Discord interactions and webhook events. The secret is the application's public key in hex. */
export const discord: Scheme = {
  algorithm: "Ed25519",
  keptHeaders: [],
  // An empty 202 accepts an interaction. Any other body makes it fail for the waiting user.
  answersEmpty: true,
  keyOf: (secret) => hexBytes(secret, 32),
  read(request) {
    const timestamp = request.header("x-signature-timestamp");
    const sentAt = unixSeconds(timestamp);
    const signatures = hexSignatures([request.header("x-signature-ed25519") ?? ""], 64);
    if (!sentAt || !signatures) return undefined;
    const content = concatBytes([utf8(`${timestamp}`), request.body]);
    return { sentAt, signatures, contents: [content] };
  },
  factsOf: (body) => ({ id: plainId(memberOf(body, "id")), handshake: pongTo(body) }),
};

/**
 * Returns the answer to a ping: a PONG for an interaction, 204 for webhook events, whose type 1 is
 * an event.
 */
function pongTo(body: unknown): BodyFacts["handshake"] {
  const type = memberOf(body, "type");
  if (type === WEBHOOK_PING) return { status: 204 };
  const isEvent = memberOf(body, "event") !== undefined;
  return type === INTERACTION_PING && !isEvent ? { status: 200, body: { type: 1 } } : undefined;
}
