import { type Bytes, utf8 } from "../../encoding/bytes.ts";
import { isForm } from "../form.ts";
import type { Hash, Scheme, SignedRequest } from "../scheme.ts";
import { base64Signatures } from "../strict.ts";

const BODY_HASH = "bodySHA256";
/** Far more than Twilio sends. They are sorted before anything is verified. */
const MAX_MEMBERS = 1_000;

/**
 * Twilio. It signs the public URL and the sorted members of a form. Any other body is signed by its
 * hash in the query, which is compared with the body after the signature. A GET has its event in
 * the query.
 */
export const twilio: Scheme = {
  algorithm: "SHA-1",
  keptHeaders: ["i-twilio-idempotency-token"],
  secretForm: "text",
  takesGet: true,
  read(request) {
    const hash = hashOf(request.header("x-twilio-webhooks-signature-settings"));
    const length = hash === "SHA-256" ? 32 : 20;
    const signatures = base64Signatures([request.header("x-twilio-signature") ?? ""], length);
    const members = isForm(request) ? sortedMembers(request.body) : "";
    const bodySha256 = bodyHashOf(request);
    if (!hash || !signatures || !request.url) return undefined;
    if (members === undefined || bodySha256 === undefined) return undefined;
    const contents = addressesOf(request, bodySha256)
      .flatMap(withAndWithoutPort).map((address) => utf8(address + members));
    return { algorithm: hash, signatures, contents, ...(bodySha256 ? { bodySha256 } : {}) };
  },
  factsOf: (_, request) => isForm(request) || request.method === "GET" ? {} : { kind: "json" },
};

/** Returns the hash that the settings of a webhook name. Without settings it is SHA-1. */
function hashOf(settings: string | null): Hash | undefined {
  if (settings === null) return "SHA-1";
  const named = settings.split(",").map((setting) => setting.trim())
    .filter((setting) => setting.startsWith("algorithm="));
  if (named.length !== 1) return undefined;
  if (named[0] === "algorithm=HMAC_SHA256") return "SHA-256";
  return named[0] === "algorithm=HMAC_SHA1" ? "SHA-1" : undefined;
}

/**
 * Returns the hash of the body in the query, which a body other than a form must have. It counts
 * wherever it stands, so that no address with a hash is taken for one without a body.
 */
function bodyHashOf(request: SignedRequest): string | undefined {
  const hashes = new URLSearchParams(request.query).getAll(BODY_HASH);
  if (hashes.length === 0 && (isForm(request) || request.method === "GET")) return "";
  return hashes.length === 1 && /^[0-9a-f]{64}$/.test(hashes[0]!) ? hashes[0] : undefined;
}

/**
 * Returns the URLs that Twilio may have signed: the configured one with the query that came, and
 * for a POST also as it is configured, because a proxy may add to the query. A hash of the body is
 * in each of them.
 */
function addressesOf({ method, query, url = "" }: SignedRequest, bodySha256: string): string[] {
  const came = query === "" ? url : `${url.split("?", 1)[0]}?${query}`;
  if (method === "GET") return [came];
  const hash = bodySha256 && `${url.includes("?") ? "&" : "?"}${BODY_HASH}=${bodySha256}`;
  return [...new Set([url + hash, came])];
}

/** Returns the members of a form as they are signed, or undefined for too many. */
function sortedMembers(body: Bytes): string | undefined {
  let members = 1;
  for (const byte of body) if (byte === AMPERSAND) members++;
  if (members > MAX_MEMBERS) return undefined;
  const values = new Map<string, Set<string>>();
  for (const [name, value] of new URLSearchParams(new TextDecoder().decode(body))) {
    const known = values.get(name);
    if (known) known.add(value);
    else values.set(name, new Set([value]));
  }
  return [...values.keys()].sort().map((name) =>
    [...values.get(name)!].sort().map((value) => name + value).join("")
  ).join("");
}

const AMPERSAND = 0x26;

/**
 * Returns the URL with and without the default port. Which one Twilio signs depends on the product.
 */
function withAndWithoutPort(address: string): string[] {
  const match = /^(https?):\/\/([^/?#:]+)(:\d+)?(.*)$/.exec(address);
  if (!match) return [address];
  const [, protocol, host, port, rest] = match;
  const other = port ? "" : protocol === "https" ? ":443" : ":80";
  return [address, `${protocol}://${host}${other}${rest}`];
}
