/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const NUL_OR_SURROGATE_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/;
const encoder = new TextEncoder();

/** Returns the length of a text in UTF-8 bytes. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Returns a text with U+FFFD for the characters Postgres cannot store: NUL and lone surrogates. */
export function cleanText(text: string): string {
  const wellFormed = text.toWellFormed();
  return wellFormed.includes("\0") ? wellFormed.replaceAll("\0", "\uFFFD") : wellFormed;
}

/** Returns a cleaned text of at most `maxBytes` bytes of UTF-8, never cut inside a character. */
export function capText(text: string, maxBytes: number): string {
  // A character takes at least one byte: cutting first bounds the work on huge messages.
  const cleaned = cleanText(text.slice(0, maxBytes));
  const bytes = encoder.encode(cleaned);
  if (bytes.length <= maxBytes) return cleaned;
  let end = maxBytes;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return new TextDecoder().decode(bytes.subarray(0, end));
}

/** JSON that is already written, in UTF-8 bytes. Sending it can neither fail nor change it. */
export class JsonText {
  readonly text: string;
  readonly bytes: number;

  constructor(text: string, bytes: number = byteLength(text)) {
    this.text = text;
    this.bytes = bytes;
  }
}

/** The reason why a value cannot be stored as jsonb. */
export type JsonRefusal = "not_json" | "too_large" | "too_deep";

/** A storable value as JSON, or the reason against it. */
export type JsonCheck = { ok: true; json: JsonText } | { ok: false; refusal: JsonRefusal };

/** Values may be nested less deep than this. The database has the same bound. */
export const MAX_JSON_DEPTH = 32;

/**
 * Writes a value as JSON of at most `maxBytes`, nested less than 32 deep, with U+FFFD for NUL and
 * lone surrogates. It never throws, even if getters or `toJSON` of the value do. It stops at the
 * bound, so a value that repeats a large part costs no more than the bound.
 */
export function storableJson(value: unknown, maxBytes: number): JsonCheck {
  let refusal: JsonRefusal = "not_json";
  const refuse = (reason: JsonRefusal): never => {
    refusal = reason;
    throw new RangeError(reason);
  };
  try {
    const text = JSON.stringify(value, boundedReplacer(maxBytes, refuse));
    if (text === undefined) return { ok: false, refusal };
    const json = new JsonText(cleanEscapes(text));
    return json.bytes <= maxBytes ? { ok: true, json } : { ok: false, refusal: "too_large" };
  } catch {
    return { ok: false, refusal };
  }
}

type Replacer = (this: unknown, key: string, value: unknown) => unknown;

/** Returns a replacer that counts depth and length, and refuses before either is written out. */
function boundedReplacer(maxBytes: number, refuse: (reason: JsonRefusal) => never): Replacer {
  const holders: unknown[] = [];
  // The last member has no comma.
  let length = -1;
  return function (key, value) {
    while (holders.length > 0 && holders.at(-1) !== this) holders.pop();
    if (holders.length >= MAX_JSON_DEPTH) refuse("too_deep");
    length += leastLength(holders.length === 0 || Array.isArray(this) ? 1 : key.length + 4, value);
    if (length > maxBytes) refuse("too_large");
    if (typeof value === "object" && value !== null) {
      if (hasLargeMembers(value, maxBytes)) refuse("too_large");
      holders.push(value);
    }
    return value;
  };
}

/** Returns the fewest characters a member takes, with `around` for its key and its comma. */
function leastLength(around: number, value: unknown): number {
  if (typeof value === "string" || value instanceof String) return around + value.length + 1;
  const isLeftOut = value === undefined || typeof value === "function" || typeof value === "symbol";
  return isLeftOut && around > 1 ? 0 : around + 1;
}

/** Checks what `JSON.stringify` would spread out before the replacer could see it. */
function hasLargeMembers(value: object, maxBytes: number): boolean {
  if (ArrayBuffer.isView(value)) return value.byteLength > maxBytes;
  if (Array.isArray(value) && value.length > maxBytes) return true;
  return Object.values(value).some((member) =>
    ArrayBuffer.isView(member) && member.byteLength > maxBytes
  );
}

/** Replaces the escapes of NUL and of lone surrogates. Pairs are never written as escapes. */
function cleanEscapes(text: string): string {
  if (!NUL_OR_SURROGATE_ESCAPE.test(text)) return text;
  return text.replace(
    /\\(?:u0000|u[dD][89a-fA-F][0-9a-fA-F]{2})|\\./g,
    (escape) => NUL_OR_SURROGATE_ESCAPE.test(escape) ? "\uFFFD" : escape,
  );
}
