const ASTERISK = 0x2a;
const REDACTED = "[redacted]";
/** Minimum length of a secret to redact. Shorter texts would match by chance. */
const MIN_LENGTH = 8;

/** Returns a text without the secrets. Redact before you cut: half a secret is not recognized. */
export function redactText(text: string, secrets: readonly string[]): string {
  return spellings(secrets).reduce((rest, each) => rest.replaceAll(each, () => REDACTED), text);
}

/**
 * Returns bytes in which asterisks replace the secrets' bytes. `cut` says that more bytes followed.
 * The begin of a secret at their end is then replaced as well.
 */
export function redactBytes(
  bytes: Uint8Array,
  secrets: readonly string[],
  cut: boolean,
): Uint8Array {
  const needles = spellings(secrets).map((each) => new TextEncoder().encode(each));
  if (needles.length === 0) return bytes;
  const cleaned = bytes.slice();
  for (const needle of needles) {
    const first = needle[0]!;
    for (let at = cleaned.indexOf(first); at !== -1; at = cleaned.indexOf(first, at + 1)) {
      const isCut = cut && at + needle.length > cleaned.length;
      const end = isCut ? cleaned.length : at + needle.length;
      if (matches(cleaned, at, end, needle)) cleaned.fill(ASTERISK, at, end);
    }
  }
  return cleaned;
}

function matches(bytes: Uint8Array, start: number, end: number, needle: Uint8Array): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== needle[at - start]) return false;
  return true;
}

/** Returns the secrets as a host may write them: as they are, in JSON, and in a URL. */
function spellings(secrets: readonly string[]): string[] {
  const all = secrets.filter((secret) => secret.length >= MIN_LENGTH).flatMap((secret) => {
    const json = JSON.stringify(secret).slice(1, -1);
    return [json.replaceAll("/", "\\/"), json, encodeURIComponent(secret), secret];
  });
  return [...new Set(all)];
}
