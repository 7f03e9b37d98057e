import { concatBytes, utf8 } from "../../encoding/bytes.ts";
import { textKey } from "../keys.ts";
import type { BodyFacts, Scheme } from "../scheme.ts";
import { hexSignatures, memberOf, plainId, unixSeconds } from "../strict.ts";

const MAX_CHALLENGE = 256;

/** Slack. Events are JSON, commands and interactions are forms. */
export const slack: Scheme = {
  algorithm: "SHA-256",
  keptHeaders: ["x-slack-retry-num", "x-slack-retry-reason"],
  keyOf: textKey,
  read(request) {
    const timestamp = request.header("x-slack-request-timestamp");
    const sentAt = unixSeconds(timestamp);
    const header = request.header("x-slack-signature") ?? "";
    const signatures = hexSignatures([header.startsWith("v0=") ? header.slice(3) : ""]);
    if (!sentAt || !signatures) return undefined;
    const content = concatBytes([utf8(`v0:${timestamp}:`), request.body]);
    return { sentAt, signatures, contents: [content] };
  },
  factsOf: (body) => ({ id: plainId(memberOf(body, "event_id")), handshake: challengeOf(body) }),
};

/** Returns the challenge by which Slack verifies an address once. The answer repeats it. */
function challengeOf(body: unknown): BodyFacts["handshake"] {
  if (memberOf(body, "type") !== "url_verification") return undefined;
  const challenge = memberOf(body, "challenge");
  if (typeof challenge !== "string" || challenge.length > MAX_CHALLENGE) return undefined;
  return { status: 200, body: { challenge } };
}
