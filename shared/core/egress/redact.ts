const REDACTED = "[redacted]";
/** Minimum length of a secret to redact. Shorter texts would match by chance. */
const MIN_LENGTH = 8;

/** Returns a text without the secret. */
export function redactText(text: string, secret: string | undefined): string {
  if (secret === undefined || secret.length < MIN_LENGTH) return text;
  return text.replaceAll(secret, () => REDACTED);
}

/** Returns bytes in which asterisks replace the secret's bytes. */
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
