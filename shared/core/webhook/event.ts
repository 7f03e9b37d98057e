import { type Bytes, toBase64 } from "../encoding/bytes.ts";
import { cleanText, MAX_JSON_DEPTH } from "../encoding/json.ts";
import { jsonIssue } from "../encoding/json_issue.ts";
import type { SchemeName } from "./scheme.ts";
import { schemeOf, type SigningEndpoint } from "./schemes.ts";

const MAX_HEADER_LENGTH = 256;
const COMMON_HEADERS = ["content-type"];
/** The depth of a payload, less the member around the body. */
const MAX_BODY_DEPTH = MAX_JSON_DEPTH - 1;

/** The payload of a job from an incoming webhook. `webhookEvent` reads it. */
export interface WebhookEvent {
  /** Name of the endpoint's configuration. */
  endpoint: string;
  scheme: SchemeName;
  /** The sender's signed event ID, else a digest of what is signed. */
  id: string;
  /** Headers such as `x-github-event`. No sender signs them. */
  headers: Record<string, string>;
  /** The body: parsed JSON or the members of a form, else text, else base64. */
  body?: unknown;
  text?: string;
  base64?: string;
  /** The length of a body that is stored beside the job. */
  stored?: { bytes: number };
}

/** What an event has beside its body. */
export interface EventHead {
  id: string;
  header(name: string): string | null;
}

/** Returns a verified request as a job's payload. */
export function eventOf(
  endpoint: SigningEndpoint & { name: string },
  { body, value, ...head }: EventHead & { body: Bytes; value: unknown },
): WebhookEvent {
  return { ...storedEventOf(endpoint, head), ...shown(body, value) };
}

/** Returns the payload of a verified request without its body. The database adds `stored`. */
export function storedEventOf(
  endpoint: SigningEndpoint & { name: string },
  { header, id }: EventHead,
): WebhookEvent {
  const { name, scheme } = endpoint;
  return { endpoint: name, scheme, id, headers: keptHeaders(endpoint, header) };
}

function keptHeaders(
  endpoint: SigningEndpoint,
  header: (name: string) => string | null,
): Record<string, string> {
  const names = [...COMMON_HEADERS, ...schemeOf(endpoint).keptHeaders];
  const values = names.map((name) => [name, header(name)] as const);
  const present = values.filter((entry): entry is [string, string] => entry[1] !== null);
  return Object.fromEntries(
    present.map(([name, value]) => [name, cleanText(value.slice(0, MAX_HEADER_LENGTH))]),
  );
}

/**
 * Returns the body as jsonb can hold it without a change. Any other JSON stays the text it came as:
 * with NUL, lone surrogates, `__proto__`, deep nesting or numbers beyond `numeric`.
 */
function shown(
  body: Bytes,
  value: unknown,
): { body: unknown } | { text: string } | { base64: string } {
  const isKept = value !== undefined && jsonIssue(value, MAX_BODY_DEPTH) === undefined;
  if (isKept) return { body: value };
  const text = textOf(body);
  return text === undefined ? { base64: toBase64(body) } : { text };
}

function textOf(body: Bytes): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
