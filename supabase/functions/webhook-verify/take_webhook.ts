import type { Context } from "hono";
import type {
  ReceivedWebhook,
  WebhookEndpoint,
} from "../../../shared/adapters/data_api/webhook_endpoints.ts";
import { parseJson, readCapped } from "../../../shared/adapters/http/body.ts";
import type { Bytes } from "../../../shared/core/encoding/bytes.ts";
import { JobForgeError } from "../../../shared/core/errors.ts";
import { acceptTrace, formatTraceparent } from "../../../shared/core/http/traceparent.ts";
import type { Answer } from "../../../shared/core/webhook/answers.ts";
import { eventOf } from "../../../shared/core/webhook/event.ts";
import type { SignedRequest } from "../../../shared/core/webhook/scheme.ts";
import { isCertificateCheck } from "../../../shared/core/webhook/schemes/versioned.ts";
import { type Verdict, verifyWebhook } from "../../../shared/core/webhook/verify.ts";
import type { WebhookDeps } from "./ports.ts";

const MAX_BODY_BYTES = 256 * 1024;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const UNKNOWN_ID = "00000000-0000-0000-0000-000000000000";
const MEDIA_TYPE =
  /^(?:application\/(?:[\w.-]+\+)?(?:json|xml)|application\/(?:x-www-form-urlencoded|octet-stream)|text\/[\w.+-]+) *(?:;.{0,200})?$/i;

/**
 * Takes one request in. Caps, raw bytes, endpoint and signature come before its content. An
 * endpoint that is unknown or disabled, and a signature that is wrong or old, cost the same work
 * and get the same answer.
 */
export async function takeWebhook(c: Context, deps: WebhookDeps): Promise<Response> {
  const body = await readBytes(c);
  if (isCertificateCheck(signedRequest(c, body, undefined))) return c.body(null, 200);
  const id = idOf(c.req.param("config_id"));
  const endpoint = await deps.endpoints.find(id);
  const request = signedRequest(c, body, endpoint?.url);
  const verdict = await verify(endpoint, request, deps);
  if (!endpoint || !verdict.ok) {
    throw refused(deps, id, endpoint, verdict.ok ? "signature" : verdict.cause);
  }
  const { answer, replayKey, reply, value } = verdict;
  if (!answer.makesJob) return handshake(deps, endpoint, answer, reply);
  const payload = eventOf(endpoint, { id: replayKey, body, value, header: request.header });
  const trace = acceptTrace(c.req.header("traceparent"), deps.randomTraceBytes);
  const received = await deps.endpoints.receive(id, replayKey, payload, formatTraceparent(trace))
    .catch((thrown) => {
      throw isGone(thrown) ? refused(deps, id, endpoint, "gone") : thrown;
    });
  logReceived(deps, endpoint, received, trace.traceId);
  return answered(answer, { job_id: received.job_id, duplicate: received.duplicate });
}

/** Returns the body of a POST within the caps. The event of a GET is in its query. */
async function readBytes(c: Context): Promise<Bytes> {
  if (c.req.method === "GET") return new Uint8Array();
  requireMediaType(c.req.header("content-type"));
  return await readCapped(c.req.raw, MAX_BODY_BYTES);
}

function requireMediaType(contentType: string | undefined): void {
  if (contentType !== undefined && MEDIA_TYPE.test(contentType)) return;
  throw new JobForgeError("unsupported_media_type", "the body must be JSON, a form, XML or text");
}

/** Returns an id to look up for any text, so that an invalid id costs what an unknown one does. */
function idOf(text: string | undefined): string {
  return text !== undefined && UUID.test(text) ? text.toLowerCase() : UNKNOWN_ID;
}

function signedRequest(c: Context, body: Bytes, url: string | undefined): SignedRequest {
  return {
    method: c.req.method === "GET" ? "GET" : "POST",
    header: (name) => c.req.raw.headers.get(name),
    body,
    url,
    query: new URL(c.req.url).search.slice(1),
  };
}

/** Without an endpoint the work is done all the same, with made-up keys. */
function verify(
  endpoint: WebhookEndpoint | undefined,
  request: SignedRequest,
  deps: WebhookDeps,
): Promise<Verdict> {
  const { scheme = "standard-webhooks", signature, toleranceSeconds = 300 } = endpoint ?? {};
  const secrets = endpoint ? deps.secretsOf(endpoint) : [];
  return verifyWebhook(
    { scheme, signature, secrets, toleranceSeconds },
    request,
    jsonOrNothing,
    deps.nowSeconds(),
  );
}

function jsonOrNothing(body: Uint8Array): unknown {
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

function isGone(thrown: unknown): boolean {
  return thrown instanceof JobForgeError && thrown.code === "not_found";
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
