import * as z from "zod";
import { base64Bytes, type Bytes, utf8 } from "../encoding/bytes.ts";
import { hasMoreContainers } from "../encoding/json_members.ts";
import { type JobContext, PermanentError } from "../job/handler.ts";
import { parseJson } from "../encoding/exact_json.ts";
import { parseNumbers } from "../job/numbers.ts";
import { describeIssues, issuesOf } from "../job/payload.ts";
import { readBody } from "./body.ts";
import type { WebhookEvent } from "./event.ts";
import { SCHEME_NAMES, type SchemeName } from "./scheme.ts";
import { SCHEMES } from "./schemes.ts";

/** Lists and objects that are parsed. They take up to 50 MB of an isolate's 256 MB. */
const MAX_CONTAINERS = 250_000;

/** The part of a handler's context by which an event reads its body. */
export type EventContext = Pick<JobContext, "storedBody">;

/** The payload of a webhook's job, given the body: one of `body`, `text`, `base64` and `stored`. */
export type WebhookPayload<Body> = Omit<WebhookEvent, "body"> & { body?: Body };

/**
 * Returns the payload schema of a job type for webhooks, given the schema of the body: of the JSON,
 * or of the members of a form. A member is a text, or a list of texts when it came more than once.
 */
export function webhookEvent<Body extends z.ZodType>(
  body: Body,
): z.ZodType<ReceivedEvent<z.output<Body>>, WebhookPayload<z.input<Body>>> {
  return ENVELOPE.transform((event, context) => {
    const parsed = event.body === undefined ? undefined : body.safeParse(event.body);
    for (const issue of parsed?.error?.issues ?? []) {
      const inBody = { ...issue, input: event.body, path: ["body", ...issue.path] };
      context.issues.push(inBody as z.core.$ZodRawIssue);
    }
    return new ReceivedEvent<z.output<Body>>({ ...event, body: parsed?.data }, body);
  }) as z.ZodType<ReceivedEvent<z.output<Body>>, WebhookPayload<z.input<Body>>>;
}

const ENVELOPE = z.strictObject({
  endpoint: z.string(),
  scheme: z.enum(SCHEME_NAMES),
  id: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown().optional(),
  text: z.string().optional(),
  base64: z.base64().optional(),
  stored: z.strictObject({ bytes: z.int().min(0) }).optional(),
}).refine(({ base64, body, stored, text }) =>
  [base64, body, stored, text].filter((form) => form !== undefined).length === 1
);

type Envelope = z.output<typeof ENVELOPE>;

/**
 * An incoming webhook as its handler receives it. A large body is read from the database when it is
 * first asked for.
 */
export class ReceivedEvent<Body> {
  /** Name of the webhook endpoint. */
  readonly endpoint: string;
  readonly scheme: SchemeName;
  /** The sender's signed event ID, else a digest of what is signed. */
  readonly id: string;
  /** Headers such as `x-github-event`. No sender signs them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #event: Envelope;
  readonly #schema: z.ZodType;

  constructor(event: Envelope, schema: z.ZodType) {
    this.endpoint = event.endpoint;
    this.scheme = event.scheme;
    this.id = event.id;
    this.headers = event.headers;
    this.#event = event;
    this.#schema = schema;
  }

  /**
   * Returns the body as the schema describes it. Throws PermanentError `invalid_payload` for a body
   * that is neither JSON nor a form, or does not fit, and `too_many_values` for more than 250,000
   * lists and objects.
   */
  async json(ctx: EventContext): Promise<Body> {
    const { base64, stored, text } = this.#event;
    if (!stored && text === undefined && base64 === undefined) return this.#event.body as Body;
    const value = this.#read(await this.bytes(ctx));
    const parsed = parseNumbers(this.#schema, value);
    if (!parsed.issues) return parsed.value as Body;
    const issues = describeIssues(issuesOf(parsed, value));
    throw new PermanentError(`the webhook does not fit: ${issues}`, { code: "invalid_payload" });
  }

  /** Returns the body as UTF-8 text. Throws as `bytes`. */
  async text(ctx: EventContext): Promise<string> {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await this.bytes(ctx));
  }

  /**
   * Returns the body byte for byte as it was sent and signed. Throws PermanentError `body_not_kept`
   * for a body that was stored as JSON, unless the webhook endpoint has `keep_body`.
   */
  async bytes(ctx: EventContext): Promise<Bytes> {
    const { base64, stored, text } = this.#event;
    if (stored) return await ctx.storedBody();
    if (text !== undefined) return utf8(text);
    if (base64 !== undefined) return base64Bytes(base64)!;
    const message = "the webhook was stored as JSON, without its bytes: set keep_body";
    throw new PermanentError(message, { code: "body_not_kept" });
  }

  #read(bytes: Bytes): unknown {
    const header = (name: string) => this.headers[name] ?? null;
    const request = { method: "POST", header, body: bytes, url: undefined, query: "" } as const;
    const scheme = this.scheme === "custom" ? {} : SCHEMES[this.scheme];
    const value = readBody(scheme, request, jsonOrNothing);
    if (value !== undefined) return value;
    const message = "the webhook is neither JSON nor a form: read it with text() or bytes()";
    throw new PermanentError(message, { code: "invalid_payload" });
  }
}

function jsonOrNothing(bytes: Bytes): unknown {
  if (hasMoreContainers(bytes, MAX_CONTAINERS)) {
    const message = `the webhook has more than ${MAX_CONTAINERS} lists and objects: ` +
      "read it with text() or bytes()";
    throw new PermanentError(message, { code: "too_many_values" });
  }
  try {
    return parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
