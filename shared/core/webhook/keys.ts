import { base64Bytes, type Bytes, utf8 } from "../encoding/bytes.ts";

/**
 * Minimum length of a key. Every sender gives out longer ones, and a shorter one could be guessed.
 */
const MIN_KEY_BYTES = 16;
const PREFIX = "whsec_";

/**
 * Returns the key of a Standard Webhooks secret: base64, padded or not, with or without `whsec_`.
 */
export function base64Key(secret: string): Bytes | undefined {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  const unpadded = text.replace(/={1,2}$/, "");
  const bytes = base64Bytes(unpadded.padEnd(Math.ceil(unpadded.length / 4) * 4, "="));
  return bytes && bytes.length >= MIN_KEY_BYTES ? bytes : undefined;
}

/** Returns the key of a secret that is used as written. */
export function textKey(secret: string): Bytes | undefined {
  const bytes = utf8(secret);
  return bytes.length >= MIN_KEY_BYTES ? bytes : undefined;
}
