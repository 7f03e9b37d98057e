import { base64Bytes, type Bytes, concatBytes, hexBytes, utf8 } from "../../encoding/bytes.ts";
import type { Hash, Scheme, SignedParts, SignedRequest } from "../scheme.ts";
import { after, memberOf, plainId, unixMilliseconds, unixSeconds } from "../strict.ts";

/** How an endpoint of the scheme `custom` is signed. The database checks it when it is saved. */
export interface CustomSignature {
  /** The header with the signature, in lower case. */
  header: string;
  /** What stands before the signature in its header, such as `sha256=`. */
  prefix?: string;
  encoding?: "hex" | "base64" | "base64url";
  algorithm?: "sha1" | "sha256" | "sha512";
  /** How the secret is written. */
  secret?: "text" | "hex" | "base64";
  /** What is signed: a text with `{body}` and perhaps `{timestamp}`, `{id}` and `{url}`. */
  signed?: string;
  timestamp_header?: string;
  timestamp_unit?: "s" | "ms";
  /** The header with an ID that is signed. */
  id_header?: string;
  /** The path of the event's ID in the body, such as `meta.id`. */
  id_member?: string;
}

const HASHES: Record<string, [Hash, number]> = {
  sha1: ["SHA-1", 20],
  sha256: ["SHA-256", 32],
  sha512: ["SHA-512", 64],
};
const PLACEHOLDER = /(\{(?:body|timestamp|id|url)\})/;

/** Returns the scheme of an endpoint with a signature of its own. */
export function customScheme(signature: CustomSignature): Scheme {
  const [algorithm, length] = HASHES[signature.algorithm ?? "sha256"]!;
  return {
    algorithm,
    keptHeaders: [],
    secretForm: signature.secret ?? "text",
    read(request) {
      const text = after(signature.prefix ?? "", request.header(signature.header));
      const bytes = decoded(signature.encoding ?? "hex", text, length);
      return bytes && readContent(signature, request, bytes);
    },
    members: signature.id_member ? [signature.id_member] : [],
    factsOf: (body) => ({ id: plainId(pathOf(body, signature.id_member)) }),
  };
}

function readContent(
  signature: CustomSignature,
  request: SignedRequest,
  bytes: Bytes,
): SignedParts | undefined {
  const { id_header, signed = "{body}", timestamp_header, timestamp_unit } = signature;
  const timestamp = timestamp_header ? request.header(timestamp_header) : null;
  const sentAt = timestamp_unit === "ms" ? unixMilliseconds(timestamp) : unixSeconds(timestamp);
  const id = id_header ? plainId(request.header(id_header)) : undefined;
  if (timestamp_header && sentAt === undefined || id_header && id === undefined) return undefined;
  const values: Record<string, Bytes | undefined> = {
    "{body}": request.body,
    "{timestamp}": utf8(timestamp ?? ""),
    "{id}": utf8(id ?? ""),
    "{url}": request.url === undefined ? undefined : utf8(request.url),
  };
  const parts = signed.split(PLACEHOLDER).map((part) =>
    Object.hasOwn(values, part) ? values[part] : utf8(part)
  );
  if (parts.includes(undefined)) return undefined;
  return { sentAt, id, signatures: [bytes], contents: [concatBytes(parts as Bytes[])] };
}

function decoded(encoding: string, text: string, length: number): Bytes | undefined {
  if (encoding === "hex") return hexBytes(text.toLowerCase(), length);
  const inOneAlphabet = encoding === "base64" || !/[+/]/.test(text);
  if (!inOneAlphabet || text.length > 2 * length) return undefined;
  const standard = encoding === "base64"
    ? text
    : text.replace(/={1,2}$/, "").replaceAll("-", "+").replaceAll("_", "/");
  const bytes = base64Bytes(
    encoding === "base64" ? standard : standard.padEnd(Math.ceil(standard.length / 4) * 4, "="),
  );
  return bytes?.length === length ? bytes : undefined;
}

function pathOf(body: unknown, path: string | undefined): unknown {
  return path?.split(".").reduce(memberOf, body);
}
