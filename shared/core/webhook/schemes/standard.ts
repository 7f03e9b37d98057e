import { type Bytes, concatBytes, utf8 } from "../../encoding/bytes.ts";
import type { Scheme, SignedParts, SignedRequest } from "../scheme.ts";
import { base64Signatures, MAX_SIGNATURES, memberOf, plainId, unixSeconds } from "../strict.ts";

const ENTRY = /^(v[0-9]{1,3}[a-z]?),([A-Za-z0-9+/]+={0,2})$/;

/** Standard Webhooks 1.0, also with the `svix-` names of Svix, Clerk and Resend. */
export const standardWebhooks: Scheme = {
  algorithm: "SHA-256",
  keptHeaders: [],
  secretForm: "standard",
  read(request) {
    const prefix = request.header("webhook-signature") === null ? "svix" : "webhook";
    return readUnder(prefix, request, " ");
  },
};

/** Polar. It signs as Standard Webhooks, with the bytes of the secret as they are written. */
export const polar: Scheme = { ...standardWebhooks, secretForm: "text" };

/**
 * HTTP hooks of Supabase Auth. Each attempt has an ID of its own, so a code is known by its body.
 * Signatures are separated by a comma and a blank.
 */
export const supabaseAuth: Scheme = {
  ...standardWebhooks,
  read(request) {
    const parts = readUnder("webhook", request, ", ");
    return parts && { ...parts, id: undefined };
  },
  members: ["email_data", "sms"],
  factsOf: (body, request) =>
    hasOneTimeCode(body)
      ? { sameContent: request.body }
      : { id: plainId(request.header("webhook-id")) },
};

/** Returns whether a hook sends a code to a user. No other event has the same body. */
function hasOneTimeCode(body: unknown): boolean {
  return memberOf(body, "email_data") !== undefined || memberOf(body, "sms") !== undefined;
}

function readUnder(
  prefix: string,
  request: SignedRequest,
  separator: string,
): SignedParts | undefined {
  const id = plainId(request.header(`${prefix}-id`));
  const timestamp = request.header(`${prefix}-timestamp`);
  const sentAt = unixSeconds(timestamp);
  const signatures = readSignatures(request.header(`${prefix}-signature`), separator);
  if (!id || !sentAt || !signatures) return undefined;
  const content = concatBytes([utf8(`${id}.${timestamp}.`), request.body]);
  return { id, sentAt, signatures, contents: [content] };
}

/**
 * Returns the `v1` signatures of a list. Entries of other versions must be well-formed and do not
 * count.
 */
function readSignatures(header: string | null, separator: string): Bytes[] | undefined {
  const entries = (header ?? "").split(separator).map((text) => ENTRY.exec(text));
  if (entries.length > MAX_SIGNATURES || entries.includes(null)) return undefined;
  const ours = entries.filter((entry) => entry![1] === "v1");
  return base64Signatures(ours.map((entry) => entry![2]!));
}
