import { concatBytes, utf8 } from "../../encoding/bytes.ts";
import type { BodyFacts, Scheme } from "../scheme.ts";
import { hexSignatures, MAX_SIGNATURES, memberOf, plainId, unixSeconds } from "../strict.ts";

/** A header with the time and one or several signatures, as in `t=1,v1=ab,v1=cd`. */
interface Stamp {
  header: string;
  separator: "," | ";";
  time: string;
  signature: string;
  /** The separator between time and body in the signed content. */
  joint: "." | ":";
}

const MEMBER = /^([a-z][a-z0-9]{0,15})=([A-Za-z0-9+/=_-]{1,256})$/;

function stamped(stamp: Stamp, idMember?: string): Scheme {
  return {
    algorithm: "SHA-256",
    keptHeaders: [],
    secretForm: "text",
    read(request) {
      const parts = (request.header(stamp.header) ?? "").split(stamp.separator);
      const members = parts.map((part) => MEMBER.exec(part));
      if (members.length > MAX_SIGNATURES + 1 || members.includes(null)) return undefined;
      const valuesOf = (name: string) =>
        members.filter((member) => member![1] === name).map((member) => member![2]!);
      const times = valuesOf(stamp.time);
      const sentAt = times.length === 1 ? unixSeconds(times[0]) : undefined;
      const signatures = hexSignatures(valuesOf(stamp.signature));
      if (!sentAt || !signatures) return undefined;
      const content = concatBytes([utf8(`${times[0]}${stamp.joint}`), request.body]);
      return { sentAt, signatures, contents: [content] };
    },
    ...(idMember ? { members: [idMember], factsOf: (body) => idOf(body, idMember) } : {}),
  };
}

/** Stripe. Snapshot and thin (v2) events both have their event ID in `id`. `v0` does not count. */
export const stripe = stamped(
  { header: "stripe-signature", separator: ",", time: "t", signature: "v1", joint: "." },
  "id",
);

/** Paddle Billing. `event_id` stays the same when a notification is sent again. */
export const paddle = stamped(
  { header: "paddle-signature", separator: ";", time: "ts", signature: "h1", joint: ":" },
  "event_id",
);

/** JobForge's plain scheme: hex HMAC-SHA256 over the time, a dot and the body. */
export const jobforge = stamped({
  ...{ header: "x-jobforge-signature", separator: ",", time: "t", signature: "v1", joint: "." },
});

function idOf(body: unknown, member: string): BodyFacts {
  const id = plainId(memberOf(body, member));
  return { id: id?.startsWith("evt_") ? id : undefined };
}
