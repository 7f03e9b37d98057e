import { hasEscapes, unescapeHtml, unescapeJson, unescapeUrl } from "./unescape.ts";
import type { Spelled, Unescape } from "./unescape.ts";

const ASTERISK = 0x2a;
const REDACTED = "[redacted]";
/** Minimum length of a secret to redact. Shorter texts would match by chance. */
const MIN_LENGTH = 8;

/** How a host may spell what it was sent: as it is, in JSON, in JSON within JSON, in URLs, HTML. */
const SPELLINGS: readonly (readonly Unescape[])[] = [
  ...[[], [unescapeJson], [unescapeJson, unescapeJson]],
  ...[[unescapeUrl], [unescapeJson, unescapeUrl], [unescapeHtml], [unescapeJson, unescapeHtml]],
];

/** Returns a text without the secrets. Redact before you cut: half a secret is not recognized. */
export function redactText(text: string, secrets: readonly string[]): string {
  const bytes = new TextEncoder().encode(text);
  const found = secretsIn(bytes, secrets, false);
  if (found.size === 0) return text;
  const parts: string[] = [];
  let start = 0;
  for (const [from, to] of [...found].toSorted(([left], [right]) => left - right)) {
    if (from >= start) {
      parts.push(new TextDecoder().decode(bytes.subarray(start, from)), REDACTED);
    }
    start = Math.max(start, to);
  }
  return parts.join("") + new TextDecoder().decode(bytes.subarray(start));
}

/**
 * Returns bytes in which asterisks replace the secrets' bytes. `cut` says that more bytes followed.
 * The beginning of a secret at their end is then replaced as well.
 */
export function redactBytes(
  bytes: Uint8Array,
  secrets: readonly string[],
  cut: boolean,
): Uint8Array {
  const found = secretsIn(bytes, secrets, cut);
  if (found.size === 0) return bytes;
  const cleaned = bytes.slice();
  for (const [from, to] of found) cleaned.fill(ASTERISK, from, to);
  return cleaned;
}

/** Returns where secrets begin and end, in any spelling. */
function secretsIn(
  bytes: Uint8Array,
  secrets: readonly string[],
  cut: boolean,
): Map<number, number> {
  const found = new Map<number, number>();
  const needles = secrets.filter((secret) => secret.length >= MIN_LENGTH)
    .map((secret) => new TextEncoder().encode(secret));
  if (needles.length === 0) return found;
  for (const steps of SPELLINGS) {
    const spelled = unescaped(bytes, steps);
    if (!spelled) continue;
    for (const needle of needles) find(spelled, needle, cut, found);
  }
  return found;
}

/** Returns undefined where a step has nothing to do, because a shorter spelling covers that. */
function unescaped(bytes: Uint8Array, steps: readonly Unescape[]): Spelled | undefined {
  let spelled: Spelled = { bytes, length: bytes.length };
  for (const step of steps) {
    if (!hasEscapes(spelled, step)) return undefined;
    spelled = step(spelled);
  }
  return spelled;
}

function find(
  { bytes, length, starts }: Spelled,
  needle: Uint8Array,
  cut: boolean,
  found: Map<number, number>,
): void {
  const first = needle[0]!;
  const placeOf = (at: number) => at >= bytes.length ? length : starts?.[at] ?? at;
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
    const isCut = cut && at + needle.length > bytes.length;
    const end = isCut ? bytes.length : at + needle.length;
    if (!matches(bytes, at, end, needle)) continue;
    const place = placeOf(at);
    found.set(place, Math.max(found.get(place) ?? 0, placeOf(end)));
  }
}

function matches(bytes: Uint8Array, start: number, end: number, needle: Uint8Array): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== needle[at - start]) return false;
  return true;
}
