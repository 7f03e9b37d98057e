import type { Context } from "hono";
import type {
  ReceivedWebhook,
  WebhookEndpoint,
} from "../../../shared/adapters/data_api/webhook_endpoints.ts";
import { parseJson } from "../../../shared/adapters/http/body.ts";
import type { Bytes } from "../../../shared/core/encoding/bytes.ts";
import { jsonMembers } from "../../../shared/core/encoding/json_members.ts";
import { JobForgeError } from "../../../shared/core/errors.ts";
import { acceptTrace, formatTraceparent } from "../../../shared/core/http/traceparent.ts";
import type { Answer } from "../../../shared/core/webhook/answers.ts";
import { eventOf, storedEventOf, type WebhookEvent } from "../../../shared/core/webhook/event.ts";
import type { SignedRequest } from "../../../shared/core/webhook/scheme.ts";
import { isCertificateCheck } from "../../../shared/core/webhook/schemes/versioned.ts";
import { type Verdict, verifyWebhook } from "../../../shared/core/webhook/verify.ts";
import type { Place } from "./large_bodies.ts";
import type { WebhookDeps } from "./ports.ts";
import { idOf, readBytes, signedRequest } from "./read_request.ts";
import { MAX_INLINE_BYTES } from "./sizes.ts";

/** A request that verified. */
interface Verified {
  answer: Answer;
  reply: unknown;
  replayKey: string;
  /** The payload with the body in it, or undefined when the body is stored beside the job. */
  inline: WebhookEvent | undefined;
  /** The payload beside a stored body. */
  stored: WebhookEvent;
}

/**
 * Takes one request in. Caps, raw bytes, endpoint and signature come before its content. An
 * endpoint that is unknown or disabled, and a signature that is wrong or old, cost the same work
 * and get the same answer.
 */
export function takeWebhook(c: Context, deps: WebhookDeps): Promise<Response> {
  return deps.largeBodies.hold((place) => take(c, deps, place));
}

async function take(c: Context, deps: WebhookDeps, place: Place): Promise<Response> {
  const body = await readBytes(c.req.raw, place, deps.bodyDeadline);
  if (isCertificateCheck(signedRequest(c.req.raw, body, undefined))) return c.body(null, 200);
  const id = idOf(c.req.param("config_id"));
  const endpoint = await deps.endpoints.find(id);
  const request = signedRequest(c.req.raw, body, endpoint?.url);
  const verified = await place.inTurn(() => verify(endpoint, request, deps));
  if (!endpoint || typeof verified === "string") {
    throw refused(deps, id, endpoint, typeof verified === "string" ? verified : "signature");
  }
  const { answer, replayKey, reply } = verified;
  if (!answer.makesJob) return handshake(deps, endpoint, answer, reply);
  const trace = acceptTrace(c.req.header("traceparent"), deps.randomTraceBytes);
  const traceparent = formatTraceparent(trace);
  const received = await store(deps, verified, { id, replayKey, traceparent, body })
    .catch((thrown) => {
      throw hasCode(thrown, "not_found") ? refused(deps, id, endpoint, "gone") : thrown;
    });
  logReceived(deps, endpoint, received, trace.traceId);
  return answered(answer, { job_id: received.job_id, duplicate: received.duplicate });
}

/** Creates the job. A body that no payload can hold as JSON is stored beside it. */
async function store(
  { endpoints }: WebhookDeps,
  { inline, stored }: Verified,
  { body, id, replayKey, traceparent }: {
    body: Bytes;
    id: string;
    replayKey: string;
    traceparent: string;
  },
): Promise<ReceivedWebhook> {
  try {
    if (inline) return await endpoints.receive(id, replayKey, inline, traceparent);
  } catch (thrown) {
    if (!hasCode(thrown, "payload_too_large")) throw thrown;
  }
  return await endpoints.receive(id, replayKey, stored, traceparent, body);
}

/**
 * Returns what becomes of a request, or the cause of its refusal. Without an endpoint the work is
 * done all the same, with made-up keys.
 */
async function verify(
  endpoint: WebhookEndpoint | undefined,
  request: SignedRequest,
  deps: WebhookDeps,
): Promise<Verified | Extract<Verdict, { ok: false }>["cause"]> {
  const { scheme = "standard-webhooks", signature, toleranceSeconds = 300 } = endpoint ?? {};
  const secrets = endpoint ? deps.secretsOf(endpoint) : [];
  const signed = { scheme, signature, secrets, toleranceSeconds };
  // A large body is not parsed whole, which could take a hundred times its memory.
  const isLarge = request.body.length > MAX_INLINE_BYTES;
  const read = isLarge ? jsonMembers : jsonOrNothing;
  const verdict = await verifyWebhook(signed, request, read, deps.nowSeconds());
  if (!verdict.ok) return verdict.cause;
  if (!endpoint) return "signature";
  const { answer, replayKey, reply, value } = verdict;
  const { body, header, method } = request;
  const message = { id: replayKey, header };
  const isStored = isLarge || endpoint.keepBody && method === "POST";
  return {
    ...{ answer, replayKey, reply, stored: storedEventOf(endpoint, message) },
    inline: isStored ? undefined : eventOf(endpoint, { ...message, body, value }),
  };
}

function jsonOrNothing(body: Bytes): unknown {
  try {
    return parseJson(body);
  } catch {
    return undefined;
  }
}

/** Returns one answer for every cause. Only the log has the cause. */
function refused(
  deps: WebhookDeps,
  id: string,
  endpoint: WebhookEndpoint | undefined,
  cause: string,
): JobForgeError {
  // Counted for unknown endpoints as well, and left out where the counts are added up.
  deps.refusals.add(id);
  const reason = endpoint ? cause : "unknown";
  deps.log.write("info", "webhook_refused", { tenant_id: endpoint?.tenantId, reason });
  return new JobForgeError("webhook_refused", "no endpoint takes this request");
}

function hasCode(thrown: unknown, code: JobForgeError["code"]): boolean {
  return thrown instanceof JobForgeError && thrown.code === code;
}

function handshake(
  deps: WebhookDeps,
  { tenantId }: WebhookEndpoint,
  answer: Answer,
  reply: unknown,
): Response {
  deps.log.write("info", "webhook_handshake", { tenant_id: tenantId, status: answer.status });
  return answered(answer, reply);
}

/** Returns the answer that the sender documents. `shown` is the JSON of an answer that has some. */
function answered({ body, contentType, status }: Answer, shown: unknown): Response {
  const text = typeof body === "object" ? body.text : body && JSON.stringify(shown);
  const headers: Record<string, string> = contentType ? { "content-type": contentType } : {};
  return new Response(text ?? null, { status, headers });
}

function logReceived(
  deps: WebhookDeps,
  { tenantId }: WebhookEndpoint,
  received: ReceivedWebhook,
  traceId: string,
): void {
  deps.log.write("info", "webhook_received", {
    tenant_id: tenantId,
    job_id: received.job_id,
    trace_id: traceId,
    outcome: received.duplicate ? "duplicate" : "accepted",
  });
}
