import { base64Bytes, type Bytes, hexBytes } from "../encoding/bytes.ts";

/** Most signatures a request may carry. */
export const MAX_SIGNATURES = 16;
/** Most secrets of an endpoint that count at one time. */
export const MAX_SECRETS = 3;

const UNIX_SECONDS = /^[1-9][0-9]{9}$/;
const ID = /^[A-Za-z0-9_-]{1,128}$/;

/** Unix seconds of exactly ten digits; undefined for signs, fractions, blanks and the rest. */
export function unixSeconds(text: string | null | undefined): number | undefined {
  return text && UNIX_SECONDS.test(text) ? Number(text) : undefined;
}

/** An id of letters, digits, `_` and `-`: no dot, which would shift what is signed. */
export function plainId(value: unknown): string | undefined {
  return typeof value === "string" && ID.test(value) ? value : undefined;
}

/** A list of hex signatures of one length; undefined when one is odd, or there are none or many. */
export function hexSignatures(texts: readonly string[], length = 32): Bytes[] | undefined {
  return signatures(texts, (text) => hexBytes(text, length));
}

/** A list of base64 signatures of one length, as `hexSignatures`. */
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

/** A member of a JSON object; undefined for anything else. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
