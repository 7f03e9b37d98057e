import { concatBytes, utf8 } from "../../encoding/bytes.ts";
import type { BodyFacts, Scheme, SignedRequest } from "../scheme.ts";
import { after, hexSignatures, memberOf, plainId, unixSeconds } from "../strict.ts";

const MAX_CHALLENGE = 256;

/** Returns a reader of `v0=<hex>` over `v0:<time>:<body>`. */
function versioned(timeHeader: string, signatureHeader: string): Scheme["read"] {
  return (request) => {
    const timestamp = request.header(timeHeader);
    const sentAt = unixSeconds(timestamp);
    const signatures = hexSignatures([after("v0=", request.header(signatureHeader))]);
    if (!sentAt || !signatures) return undefined;
    const content = concatBytes([utf8(`v0:${timestamp}:`), request.body]);
    return { sentAt, signatures, contents: [content] };
  };
}

/** Slack. Events are JSON, commands and interactions are forms. */
export const slack: Scheme = {
  algorithm: "SHA-256",
  keptHeaders: ["x-slack-retry-num", "x-slack-retry-reason"],
  secretForm: "text",
  formMember: "payload",
  read: versioned("x-slack-request-timestamp", "x-slack-signature"),
  members: ["event_id", "ssl_check", "type", "challenge"],
  factsOf: (body, request) => ({
    id: plainId(memberOf(body, "event_id")),
    // Commands and interactions have no event ID, but a trigger of their own in the body.
    sameContent: request.body,
    ...slackCheck(body),
  }),
};

/** Returns how to answer a request by which Slack verifies an address. */
function slackCheck(body: unknown): BodyFacts {
  if (memberOf(body, "ssl_check") === "1") return { kind: "ssl_check" };
  const challenge = memberOf(body, "challenge");
  if (memberOf(body, "type") !== "url_verification" || !isChallenge(challenge)) return {};
  return { kind: "url_verification", reply: () => ({ challenge }) };
}

function isChallenge(value: unknown): boolean {
  return typeof value === "string" && value.length <= MAX_CHALLENGE;
}

/** Zoom. It sends an event again with another time in the header and the same body. */
export const zoom: Scheme = {
  algorithm: "SHA-256",
  keptHeaders: ["x-zm-trackingid"],
  secretForm: "text",
  read: versioned("x-zm-request-timestamp", "x-zm-signature"),
  members: ["event", "payload.plainToken"],
  factsOf: (body, request) => ({ sameContent: request.body, ...zoomCheck(body) }),
};

/**
 * Returns how to answer the check of an address: with a token under the secret. A token with a
 * colon is not signed, because it could be the content of a forged request.
 */
function zoomCheck(body: unknown): BodyFacts {
  const plainToken = plainId(memberOf(memberOf(body, "payload"), "plainToken"));
  if (memberOf(body, "event") !== "endpoint.url_validation" || !plainToken) return {};
  return {
    kind: "url_validation",
    reply: async (sign) => ({ plainToken, encryptedToken: await sign(plainToken) }),
  };
}

/**
 * Returns whether an unsigned form is the check by which Slack tries the certificate of an address.
 * Its token is obsolete, and the answer to it depends on nothing.
 */
export function isCertificateCheck(request: SignedRequest): boolean {
  if (request.body.length > 1_024 || request.header("x-slack-signature") !== null) return false;
  const form = new URLSearchParams(new TextDecoder().decode(request.body));
  const names = [...form.keys()].sort().join();
  return form.get("ssl_check") === "1" && (names === "ssl_check" || names === "ssl_check,token");
}
