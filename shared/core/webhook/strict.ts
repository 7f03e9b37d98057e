import { base64Bytes, type Bytes, hexBytes } from "../encoding/bytes.ts";

/** Maximum number of signatures in a request. */
export const MAX_SIGNATURES = 16;
/** Maximum number of valid secrets of an endpoint at one time. */
export const MAX_SECRETS = 3;

const UNIX_SECONDS = /^[1-9][0-9]{9}$/;
const ID = /^[A-Za-z0-9_-]{1,128}$/;

/** Returns Unix seconds of exactly ten digits, or undefined for signs, fractions and blanks. */
export function unixSeconds(text: string | null | undefined): number | undefined {
  return text && UNIX_SECONDS.test(text) ? Number(text) : undefined;
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

function signatures(
  texts: readonly string[],
  parse: (text: string) => Bytes | undefined,
): Bytes[] | undefined {
  if (texts.length === 0 || texts.length > MAX_SIGNATURES) return undefined;
  const parsed = texts.map(parse);
  return parsed.includes(undefined) ? undefined : parsed as Bytes[];
}

/** Returns a member of a JSON object, or undefined for any other value. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
