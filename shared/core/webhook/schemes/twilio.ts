import { type Bytes, utf8 } from "../../encoding/bytes.ts";
import { textKey } from "../keys.ts";
import type { Scheme, SignedRequest } from "../scheme.ts";
import { base64Signatures } from "../strict.ts";

const BODY_HASH = "bodySHA256";

/**
 * Twilio. It signs the public URL and the sorted members of a form. Any other body is signed by its
 * hash in the query, which is compared with the body after the signature.
 */
export const twilio: Scheme = {
  algorithm: "SHA-1",
  keptHeaders: ["i-twilio-idempotency-token"],
  keyOf: textKey,
  read(request) {
    const signatures = base64Signatures([request.header("x-twilio-signature") ?? ""], 20);
    if (!signatures || !request.url) return undefined;
    const address = addressOf(request);
    if (!address) return undefined;
    const members = isForm(request) ? sortedMembers(request.body) : "";
    const contents = withAndWithoutPort(address).map((url) => utf8(url + members));
    const bodySha256 = isForm(request) ? undefined : request.query.get(BODY_HASH)!;
    return { signatures, contents, ...(bodySha256 ? { bodySha256 } : {}) };
  },
};

function isForm(request: SignedRequest): boolean {
  const type = request.header("content-type") ?? "";
  return /^application\/x-www-form-urlencoded *(;|$)/i.test(type);
}

/** Returns the configured URL, for a body that is not a form with the hash that Twilio appends. */
function addressOf(request: SignedRequest): string | undefined {
  const url = request.url!;
  if (isForm(request)) return url;
  const hashes = request.query.getAll(BODY_HASH);
  if (hashes.length !== 1 || !/^[0-9a-f]{64}$/.test(hashes[0]!)) return undefined;
  return `${url}${url.includes("?") ? "&" : "?"}${BODY_HASH}=${hashes[0]}`;
}

function sortedMembers(body: Bytes): string {
  const form = new URLSearchParams(new TextDecoder().decode(body));
  const names = [...new Set(form.keys())].sort();
  return names.map((name) =>
    [...new Set(form.getAll(name))].sort().map((value) => name + value).join("")
  ).join("");
}

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
