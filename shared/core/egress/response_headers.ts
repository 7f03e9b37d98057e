import { cleanText } from "../encoding/json.ts";
import { redactText } from "./redact.ts";

/** A header line with its name in lower case. Names may repeat. */
export type HeaderLine = readonly [name: string, value: string];

const KEPT = new Set([
  ...["content-type", "content-language", "content-disposition", "date", "etag", "expires"],
  ...["last-modified", "cache-control", "link", "location", "retry-after", "request-id"],
  ...["x-request-id", "x-correlation-id", "ratelimit", "ratelimit-policy", "ratelimit-limit"],
  ...["ratelimit-remaining", "ratelimit-reset", "x-ratelimit-limit", "x-ratelimit-remaining"],
  ...["x-ratelimit-reset", "x-total-count"],
]);

/** Credentials of a response, which no configuration can keep. */
const NEVER = /^(?:set-cookie2?|.*authorization|.*authentication-info|.*authenticate)$/;

const MAX_VALUE_LENGTH = 2_048;
/** Maximum length of all names and values, so that a result has space for the body. */
const MAX_TOTAL_LENGTH = 6_144;

/**
 * Returns the headers for a result: the usual ones and `extra`, without the secrets, cleaned and
 * cut for storage.
 */
export function keptHeaders(
  lines: readonly HeaderLine[],
  extra: readonly string[],
  secrets: readonly string[] = [],
): Record<string, string> {
  const wanted = new Set(extra.map((name) => name.toLowerCase()));
  const kept = new Map<string, string>();
  let remaining = MAX_TOTAL_LENGTH;
  for (const [name, value] of lines) {
    if (!KEPT.has(name) && !wanted.has(name) || NEVER.test(name)) continue;
    remaining -= name.length + value.length;
    if (remaining < 0) break;
    const before = kept.get(name);
    const shown = redactText(value, secrets);
    const joined = before === undefined ? shown : `${before}, ${shown}`;
    kept.set(name, cleanText(joined.slice(0, MAX_VALUE_LENGTH)));
  }
  return Object.fromEntries(kept);
}

/**
 * Returns the value of a header that came exactly once, or undefined when it is absent or repeated.
 */
export function singleHeader(lines: readonly HeaderLine[], name: string): string | undefined {
  const values = lines.filter(([other]) => other === name).map(([, value]) => value);
  return values.length === 1 ? values[0] : undefined;
}
