const REDACTED = "[redacted]";
/** Shorter secrets would be found by chance, and no secret should be that short. */
const MIN_LENGTH = 8;

/** A text without a secret in it. */
export function redactText(text: string, secret: string | undefined): string {
  if (secret === undefined || secret.length < MIN_LENGTH) return text;
  return text.replaceAll(secret, () => REDACTED);
}

/** Bytes without the secret's bytes in them: asterisks stand in their place. */
export function redactBytes(bytes: Uint8Array, secret: string): Uint8Array {
  const needle = new TextEncoder().encode(secret);
  if (needle.length < MIN_LENGTH) return bytes;
  const cleaned = bytes.slice();
  for (let at = cleaned.indexOf(needle[0]!); at !== -1; at = cleaned.indexOf(needle[0]!, at + 1)) {
    if (needle.every((byte, offset) => cleaned[at + offset] === byte)) {
      cleaned.fill(0x2a, at, at + needle.length);
    }
  }
  return cleaned;
}
