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

/** The reason why a value cannot be stored as jsonb. */
export type JsonRefusal = "not_json" | "too_large";

/** A storable value with its length in characters, or the reason against it. */
export type JsonCheck =
  | { ok: true; value: unknown; length: number }
  | { ok: false; refusal: JsonRefusal };

/**
 * Checks that a value is JSON of at most `maxBytes`, free of NUL and lone surrogates. Returns a
 * clean value itself. Any other value is copied, and its texts and keys are cleaned.
 */
export function storableJson(value: unknown, maxBytes: number): JsonCheck {
  const text = stringify(value);
  if (text === undefined) return { ok: false, refusal: "not_json" };
  if (text.length > maxBytes || (text.length * 3 > maxBytes && byteLength(text) > maxBytes)) {
    return { ok: false, refusal: "too_large" };
  }
  // JSON.stringify writes both as escapes, so one search of the text finds them.
  if (!NUL_OR_SURROGATE_ESCAPE.test(text)) return { ok: true, value, length: text.length };
  return { ok: true, value: cleanJson(JSON.parse(text)), length: text.length };
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function cleanJson(value: Json): Json {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [cleanText(key), cleanJson(member)]),
  );
}
