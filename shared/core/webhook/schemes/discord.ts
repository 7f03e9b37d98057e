import { concatBytes, utf8 } from "../../encoding/bytes.ts";
import type { Scheme } from "../scheme.ts";
import { hexSignatures, memberOf, plainId, unixSeconds } from "../strict.ts";

const WEBHOOK_PING = 0;
const INTERACTION_PING = 1;

/** Discord interactions and webhook events. The secret is the application's public key in hex. */
export const discord: Scheme = {
  algorithm: "Ed25519",
  keptHeaders: [],
  secretForm: "ed25519",
  read(request) {
    const timestamp = request.header("x-signature-timestamp");
    const sentAt = unixSeconds(timestamp);
    const signatures = hexSignatures([request.header("x-signature-ed25519") ?? ""], 64);
    if (!sentAt || !signatures) return undefined;
    const content = concatBytes([utf8(`${timestamp}`), request.body]);
    return { sentAt, signatures, contents: [content] };
  },
  members: ["id", "type", "event"],
  factsOf: (body, request) => ({
    id: plainId(memberOf(body, "id")),
    // A webhook event has no ID. It has the time of the event, and each attempt signs its own.
    sameContent: request.body,
    kind: kindOf(body),
  }),
};

/** Returns the kind of a request. Type 1 is a ping of interactions and an event of webhooks. */
function kindOf(body: unknown): string | undefined {
  const type = memberOf(body, "type");
  if (type === WEBHOOK_PING) return "webhook_ping";
  if (memberOf(body, "event") !== undefined) return "webhook_event";
  return type === INTERACTION_PING ? "ping" : undefined;
}
