import { concatBytes, utf8 } from "../../encoding/bytes.ts";
import type { Scheme } from "../scheme.ts";
import { base64Signatures, unixMilliseconds } from "../strict.ts";
import { withoutNumber } from "./body_only.ts";

/** The escapes that HubSpot undoes in a URL before it signs it. */
const UNDONE = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

/**
 * HubSpot, version 3. It signs the method, the public URL, the body and the time. The attempts of a
 * batch are counted in its events.
 */
export const hubspot: Scheme = {
  algorithm: "SHA-256",
  keptHeaders: [],
  secretForm: "text",
  read(request) {
    const timestamp = request.header("x-hubspot-request-timestamp");
    const sentAt = unixMilliseconds(timestamp);
    const signatures = base64Signatures([request.header("x-hubspot-signature-v3") ?? ""]);
    if (!sentAt || !signatures || !request.url) return undefined;
    const url = request.url.replace(UNDONE, decodeURIComponent);
    const content = concatBytes([utf8(`POST${url}`), request.body, utf8(`${timestamp}`)]);
    return { sentAt, signatures, contents: [content] };
  },
  factsOf: (_, request) => ({ sameContent: withoutNumber(request.body, "attemptNumber") }),
};
