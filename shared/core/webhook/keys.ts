import { base64Bytes, type Bytes, utf8 } from "../encoding/bytes.ts";

/** Fewer bytes than any sender gives out: what is shorter is a mistake, or a guess away. */
const MIN_KEY_BYTES = 16;
const PREFIX = "whsec_";

/** The key of a Standard Webhooks secret: base64, padded or not, after `whsec_` or without it. */
export function base64Key(secret: string): Bytes | undefined {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  const unpadded = text.replace(/={1,2}$/, "");
  const bytes = base64Bytes(unpadded.padEnd(Math.ceil(unpadded.length / 4) * 4, "="));
  return bytes && bytes.length >= MIN_KEY_BYTES ? bytes : undefined;
}

/** The key of a secret that is used as it is written. */
export function textKey(secret: string): Bytes | undefined {
  const bytes = utf8(secret);
  return bytes.length >= MIN_KEY_BYTES ? bytes : undefined;
}
