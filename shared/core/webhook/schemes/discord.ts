import { concatBytes, hexBytes, utf8 } from "../../encoding/bytes.ts";
import type { BodyFacts, Scheme } from "../scheme.ts";
import { hexSignatures, memberOf, plainId, unixSeconds } from "../strict.ts";

const WEBHOOK_PING = 0;
const INTERACTION_PING = 1;

/** Discord interactions and webhook events; the secret is the application's public key in hex. */
export const discord: Scheme = {
  algorithm: "Ed25519",
  keptHeaders: [],
  // An interaction is accepted by an empty 202; any other body fails it for the user who waits.
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

/** An interaction's PING is answered in kind; one of webhook events, whose type 1 is an event, by 204. */
function pongTo(body: unknown): BodyFacts["handshake"] {
  const type = memberOf(body, "type");
  if (type === WEBHOOK_PING) return { status: 204 };
  const isEvent = memberOf(body, "event") !== undefined;
  return type === INTERACTION_PING && !isEvent ? { status: 200, body: { type: 1 } } : undefined;
}
