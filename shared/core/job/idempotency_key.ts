import { JobForgeError } from "../errors.ts";

const MAX_KEY_LENGTH = 200;
const SF_STRING = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
const BARE = /^[\x21\x23-\x7e][\x20-\x7e]*$/;

/**
 * Reads an `Idempotency-Key` header: a structured-field string (`"k1"`) or the bare text. Throws
 * `invalid_argument` for any other form, an empty key, or more than 200 characters.
 */
export function parseIdempotencyKey(header: string | null | undefined): string | undefined {
  if (header === null || header === undefined) return undefined;
  const text = header.trim();
  const quoted = SF_STRING.exec(text)?.[1]?.replace(/\\(["\\])/g, "$1");
  const key = quoted ?? (BARE.test(text) ? text : "");
  if (key.length === 0 || key.length > MAX_KEY_LENGTH) {
    throw new JobForgeError(
      "invalid_argument",
      `Idempotency-Key must be 1 to ${MAX_KEY_LENGTH} printable ASCII characters, quoted or bare`,
    );
  }
  return key;
}

/** Returns the key of a request. Throws when header and body name different keys. */
export function agreeOnKey(
  header: string | undefined,
  body: string | undefined,
): string | undefined {
  if (header !== undefined && body !== undefined && header !== body) {
    throw new JobForgeError(
      "invalid_argument",
      "Idempotency-Key and idempotency_key name different keys",
    );
  }
  return header ?? body;
}
