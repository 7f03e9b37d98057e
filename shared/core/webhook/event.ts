import * as z from "zod";
import { type Bytes, toBase64 } from "../encoding/bytes.ts";
import { cleanText, MAX_JSON_DEPTH } from "../encoding/json.ts";
import { jsonIssue } from "../encoding/json_issue.ts";
import { SCHEME_NAMES, type SchemeName } from "./scheme.ts";
import { schemeOf, type SigningEndpoint } from "./schemes.ts";

const MAX_HEADER_LENGTH = 256;
const COMMON_HEADERS = ["content-type"];
/** The depth of a payload, less the member around the body. */
const MAX_BODY_DEPTH = MAX_JSON_DEPTH - 1;

/** The payload of a job from an incoming webhook. */
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
}

/**
 * Returns the payload schema of a job type for webhooks, given the schema of the body: of the JSON,
 * or of the members of a form. A member is a text, or a list of texts when it came more than once.
 */
export function webhookEvent<Body extends z.ZodType>(body: Body) {
  return z.strictObject({
    endpoint: z.string(),
    scheme: z.enum(SCHEME_NAMES),
    id: z.string(),
    headers: z.record(z.string(), z.string()),
    body,
  });
}

/** Returns a verified request as a job's payload. */
export function eventOf(
  endpoint: SigningEndpoint & { name: string },
  message: { id: string; body: Bytes; value: unknown; header(name: string): string | null },
): WebhookEvent {
  const { name, scheme } = endpoint;
  const { body, header, id, value } = message;
  const headers = keptHeaders(endpoint, header);
  return { endpoint: name, scheme, id, headers, ...shown(body, value) };
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
