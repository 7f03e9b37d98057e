import { z } from "zod";
import { type Bytes, toBase64 } from "../encoding/bytes.ts";
import { cleanText, type Json } from "../encoding/json.ts";
import { SCHEME_NAMES, type SchemeName } from "./scheme.ts";
import { SCHEMES } from "./schemes.ts";

const MAX_HEADER_LENGTH = 256;
const COMMON_HEADERS = ["content-type"];
/** The deepest JSON a job takes, less the member the body stands in. */
const MAX_BODY_DEPTH = 30;

/** The payload of a job that an incoming webhook became. */
export interface WebhookEvent {
  /** Name of the endpoint's configuration. */
  endpoint: string;
  scheme: SchemeName;
  /** The sender's id of the event if it is signed, else a digest of what is signed. */
  id: string;
  /** Headers of the kind `x-github-event`: no sender signs them. */
  headers: Record<string, string>;
  /** The body: parsed if it is JSON, as text if it is that, else as base64. */
  body?: unknown;
  text?: string;
  base64?: string;
}

/** The payload schema of a job type that takes webhooks, given the schema of the JSON body. */
export function webhookEvent<Body extends z.ZodType>(body: Body) {
  return z.strictObject({
    endpoint: z.string(),
    scheme: z.enum(SCHEME_NAMES),
    id: z.string(),
    headers: z.record(z.string(), z.string()),
    body,
  });
}

/** A verified request as a job's payload. */
export function eventOf(
  endpoint: { name: string; scheme: SchemeName },
  message: { id: string; body: Bytes; json: unknown; header(name: string): string | null },
): WebhookEvent {
  const { name, scheme } = endpoint;
  const { body, header, id, json } = message;
  return { endpoint: name, scheme, id, headers: keptHeaders(scheme, header), ...shown(body, json) };
}

function keptHeaders(
  scheme: SchemeName,
  header: (name: string) => string | null,
): Record<string, string> {
  const names = [...COMMON_HEADERS, ...SCHEMES[scheme].keptHeaders];
  const values = names.map((name) => [name, header(name)] as const);
  const present = values.filter((entry): entry is [string, string] => entry[1] !== null);
  return Object.fromEntries(
    present.map(([name, value]) => [name, cleanText(value.slice(0, MAX_HEADER_LENGTH))]),
  );
}

/** What jsonb cannot hold as it is (NUL, lone surrogates, deep nesting) is kept as it came. */
function shown(
  body: Bytes,
  json: unknown,
): { body: unknown } | { text: string } | { base64: string } {
  if (json !== undefined && isStorable(json as Json, MAX_BODY_DEPTH)) return { body: json };
  const text = textOf(body);
  return text === undefined ? { base64: toBase64(body) } : { text };
}

function isStorable(value: Json, depthLeft: number): boolean {
  if (typeof value === "string") return cleanText(value) === value;
  if (typeof value !== "object" || value === null) return true;
  if (depthLeft === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isStorable(item, depthLeft - 1));
  return Object.entries(value).every(([key, member]) =>
    cleanText(key) === key && isStorable(member, depthLeft - 1)
  );
}

function textOf(body: Bytes): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
