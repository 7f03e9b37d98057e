import { pathText } from "./exact_json.ts";
import { canWriteRawNumbers, rawNumber, rawTextOf } from "./exact_number.ts";

/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const encoder = new TextEncoder();

/** Returns the length of a text in UTF-8 bytes. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Returns whether Postgres can store a text: without NUL and lone surrogates. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
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

/** The reasons why a value cannot be stored as jsonb, each as a text about its place. */
export const JSON_REFUSALS = {
  not_json: "is no JSON, or has members that throw",
  not_plain: "is a Map or a Set, which JSON does not have",
  cycle: "refers to an object around it",
  not_finite: "is NaN or infinite",
  not_text: "has a NUL or half of a surrogate pair, which Postgres cannot store",
  not_writable: "is a BigInt, which this runtime cannot write as JSON: send a text",
  too_large: "is too large",
  too_deep: "must be nested less than 32 deep",
} as const;

/** The reason why a value cannot be stored as jsonb. */
export type JsonRefusal = keyof typeof JSON_REFUSALS;

/** A storable value as JSON, or the reason against it with its path, such as `lines.0.amount`. */
export type JsonCheck =
  | { ok: true; json: JsonText }
  | { ok: false; refusal: JsonRefusal; path: string };

/** Values may be nested less deep than this. The database has the same bound. */
export const MAX_JSON_DEPTH = 32;

/**
 * Writes a value as JSON of at most `maxBytes`, nested less than 32 deep. No value is replaced by
 * another one: BigInts are integers, and what jsonb cannot hold is refused. It never throws, even if
 * getters or `toJSON` of the value do. It stops at the bound, so a value that repeats a large part
 * costs no more than the bound.
 */
export function storableJson(value: unknown, maxBytes: number): JsonCheck {
  const bounds = new Bounds(maxBytes);
  try {
    const text = JSON.stringify(value, function (this: unknown, name: string, member: unknown) {
      return bounds.take(this, name, member);
    });
    if (text === undefined) return bounds.refused("not_json");
    const json = new JsonText(text);
    return json.bytes <= maxBytes ? { ok: true, json } : bounds.refused("too_large");
  } catch {
    return bounds.refused();
  }
}

/** Counts depth and length of a value that is written, and refuses before either is written out. */
class Bounds {
  readonly #maxBytes: number;
  readonly #holders: unknown[] = [];
  /** The name of each holder in the one before. */
  readonly #names: string[] = [];
  // The last member has no comma.
  #length = -1;
  #refusal: JsonRefusal = "not_json";
  #name = "";

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Returns the member as it is written. Throws when it is refused. */
  take(holder: unknown, name: string, value: unknown): unknown {
    while (this.#holders.length > 0 && this.#holders.at(-1) !== holder) {
      this.#holders.pop();
      this.#names.pop();
    }
    const isRoot = this.#holders.length === 0;
    this.#name = name;
    if (this.#holders.length >= MAX_JSON_DEPTH) this.#refuse("too_deep");
    const around = isRoot || Array.isArray(holder) ? 1 : name.length + 4;
    if (around > 1 && !isStorableText(name)) this.#refuse("not_text");
    const written = this.#written(value);
    this.#length += leastLength(around, written);
    if (this.#length > this.#maxBytes) this.#refuse("too_large");
    if (typeof written !== "object" || written === null) return written;
    if (written instanceof Map || written instanceof Set) this.#refuse("not_plain");
    if (this.#holders.includes(written)) this.#refuse("cycle");
    if (hasLargeMembers(written, this.#maxBytes)) this.#refuse("too_large");
    this.#holders.push(written);
    this.#names.push(name);
    return written;
  }

  refused(refusal: JsonRefusal = this.#refusal): JsonCheck {
    const isPlaced = refusal === this.#refusal && refusal !== "not_json";
    const path = isPlaced ? [...this.#names, this.#name].slice(1) : [];
    return { ok: false, refusal, path: pathText(path) };
  }

  #written(value: unknown): unknown {
    if (typeof value === "bigint") {
      if (!canWriteRawNumbers()) this.#refuse("not_writable");
      return rawNumber(String(value));
    }
    if (typeof value === "number" || value instanceof Number) {
      if (!Number.isFinite(Number(value))) this.#refuse("not_finite");
    } else if (typeof value === "string" || value instanceof String) {
      if (!isStorableText(String(value))) this.#refuse("not_text");
    }
    return value;
  }

  #refuse(reason: JsonRefusal): never {
    this.#refusal = reason;
    throw new RangeError(reason);
  }
}

/** Returns the fewest characters a member takes, with `around` for its key and its comma. */
function leastLength(around: number, value: unknown): number {
  if (typeof value === "string" || value instanceof String) return around + value.length + 1;
  const raw = rawTextOf(value);
  if (raw !== undefined) return around + raw.length;
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
