import { concatBytes, utf8 } from "../../encoding/bytes.ts";
import { base64Key } from "../keys.ts";
import type { Scheme, SignedParts, SignedRequest } from "../scheme.ts";
import { base64Signatures, MAX_SIGNATURES, plainId, unixSeconds } from "../strict.ts";

const ENTRY = /^(v[0-9]{1,3}[a-z]?),([A-Za-z0-9+/]+={0,2})$/;

/** Standard Webhooks 1.0, also with the `svix-` names of Svix, Clerk and Resend. */
export const standardWebhooks: Scheme = {
  algorithm: "SHA-256",
  keptHeaders: [],
  keyOf: base64Key,
  read(request) {
    const prefix = request.header("webhook-signature") === null ? "svix" : "webhook";
    return readUnder(prefix, request);
  },
};

function readUnder(prefix: string, request: SignedRequest): SignedParts | undefined {
  const id = plainId(request.header(`${prefix}-id`));
  const timestamp = request.header(`${prefix}-timestamp`);
  const sentAt = unixSeconds(timestamp);
  const signatures = readSignatures(request.header(`${prefix}-signature`));
  if (!id || !sentAt || !signatures) return undefined;
  const content = concatBytes([utf8(`${id}.${timestamp}.`), request.body]);
  return { id, sentAt, signatures, contents: [content] };
}

/**
 * Returns the `v1` signatures of a list. Entries of other versions must be well-formed and do not
 * count.
 */
function readSignatures(header: string | null) {
  const entries = (header ?? "").split(" ").map((text) => ENTRY.exec(text));
  if (entries.length > MAX_SIGNATURES || entries.includes(null)) return undefined;
  const ours = entries.filter((entry) => entry![1] === "v1");
  return base64Signatures(ours.map((entry) => entry![2]!));
}
