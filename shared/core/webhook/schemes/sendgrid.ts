import { concatBytes, utf8 } from "../../encoding/bytes.ts";
import type { Scheme } from "../scheme.ts";
import { ecdsaSignatures, unixSeconds } from "../strict.ts";

const PREFIX = "x-twilio-email-event-webhook";

/** The Event Webhook of SendGrid. The secret is the verification key of its settings. */
export const sendgrid: Scheme = {
  algorithm: "P-256",
  keptHeaders: [],
  secretForm: "p256",
  read(request) {
    const timestamp = request.header(`${PREFIX}-timestamp`);
    const sentAt = unixSeconds(timestamp);
    const signatures = ecdsaSignatures([request.header(`${PREFIX}-signature`) ?? ""]);
    if (!sentAt || !signatures) return undefined;
    return { sentAt, signatures, contents: [concatBytes([utf8(`${timestamp}`), request.body])] };
  },
  factsOf: (_, request) => ({ sameContent: request.body }),
};
