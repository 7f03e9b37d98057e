import { base64Bytes, type Bytes, concatBytes, hexBytes } from "../encoding/bytes.ts";

/** Maximum number of signatures in a request. */
export const MAX_SIGNATURES = 16;
/** Maximum number of valid secrets of an endpoint at one time. */
export const MAX_SECRETS = 3;

/** Maximum length of a header that a signature is read from. The longest list needs 1,000. */
export const MAX_HEADER_LENGTH = 4_096;

const UNIX_SECONDS = /^[1-9][0-9]{9}$/;
const UNIX_MILLISECONDS = /^[1-9][0-9]{12}$/;
const ID = /^[A-Za-z0-9_-]{1,128}$/;

/** Returns Unix seconds of exactly ten digits, or undefined for signs, fractions and blanks. */
export function unixSeconds(text: string | null | undefined): number | undefined {
  return text && UNIX_SECONDS.test(text) ? Number(text) : undefined;
}

/** Returns the Unix seconds of exactly thirteen digits of milliseconds. */
export function unixMilliseconds(text: string | null | undefined): number | undefined {
  return text && UNIX_MILLISECONDS.test(text) ? Number(text) / 1_000 : undefined;
}

/** Returns an ID of letters, digits, `_` and `-`. A dot would shift the signed parts. */
export function plainId(value: unknown): string | undefined {
  return typeof value === "string" && ID.test(value) ? value : undefined;
}

/**
 * Returns hex signatures of one length. Undefined when one is invalid, and for none or too many.
 */
export function hexSignatures(texts: readonly string[], length = 32): Bytes[] | undefined {
  return signatures(texts, (text) => hexBytes(text, length));
}

/** Returns base64 signatures of one length, as `hexSignatures`. */
export function base64Signatures(texts: readonly string[], length = 32): Bytes[] | undefined {
  return signatures(texts, (text) => {
    const bytes = base64Bytes(text);
    return bytes?.length === length ? bytes : undefined;
  });
}

/**
 * Returns an ECDSA signature in base64 of DER as WebCrypto takes it: two integers of 32 bytes.
 * Undefined for any other encoding.
 */
export function ecdsaSignatures(texts: readonly string[]): Bytes[] | undefined {
  return signatures(texts, (text) => {
    const der = base64Bytes(text);
    if (!der || der.length > 72 || der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
    const first = derInteger(der, 2);
    const second = first && derInteger(der, first.end);
    if (!first || !second || second.end !== der.length) return undefined;
    return concatBytes([first.bytes, second.bytes]);
  });
}

function derInteger(der: Bytes, at: number): { bytes: Bytes; end: number } | undefined {
  const length = der[at + 1] ?? 0;
  const content = der.subarray(at + 2, at + 2 + length);
  if (der[at] !== 0x02 || length === 0 || content.length !== length) return undefined;
  // Only the shortest form of a positive number: one zero byte where the sign bit would be set.
  const padded = content[0] === 0;
  if (padded ? length === 1 || content[1]! < 0x80 : content[0]! >= 0x80) return undefined;
  const digits = padded ? content.subarray(1) : content;
  if (digits.length > 32) return undefined;
  return { bytes: concatBytes([new Uint8Array(32 - digits.length), digits]), end: at + 2 + length };
}

function signatures(
  texts: readonly string[],
  parse: (text: string) => Bytes | undefined,
): Bytes[] | undefined {
  if (texts.length === 0 || texts.length > MAX_SIGNATURES) return undefined;
  const parsed = texts.map(parse);
  return parsed.includes(undefined) ? undefined : parsed as Bytes[];
}

/** Returns the text after a prefix, or an empty one without it. */
export function after(prefix: string, text: string | null): string {
  return text?.startsWith(prefix) ? text.slice(prefix.length) : "";
}

/** Returns a member of a JSON object, or undefined for any other value. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
