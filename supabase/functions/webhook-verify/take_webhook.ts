import type { Context } from "hono";
import type {
  ReceivedWebhook,
  WebhookEndpoint,
} from "../../../shared/adapters/data_api/webhook_endpoints.ts";
import { parseJson, readCapped } from "../../../shared/adapters/http/body.ts";
import type { Bytes } from "../../../shared/core/encoding/bytes.ts";
import { JobForgeError } from "../../../shared/core/errors.ts";
import { acceptTrace, formatTraceparent } from "../../../shared/core/http/traceparent.ts";
import { eventOf } from "../../../shared/core/webhook/event.ts";
import type { Handshake, SignedRequest } from "../../../shared/core/webhook/scheme.ts";
import { SCHEMES } from "../../../shared/core/webhook/schemes.ts";
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
  requireMediaType(c.req.header("content-type"));
  const body = await readCapped(c.req.raw, MAX_BODY_BYTES);
  const id = idOf(c.req.param("config_id"));
  const endpoint = await deps.endpoints.find(id);
  const request = signedRequest(c, body, endpoint?.url);
  const verdict = await verify(endpoint, request, deps);
  if (!endpoint || !verdict.ok) {
    throw refused(deps, id, endpoint, verdict.ok ? "signature" : verdict.cause);
  }
  if (verdict.handshake) return shakeHands(c, deps, endpoint, verdict.handshake);
  const { json, replayKey } = verdict;
  const payload = eventOf(endpoint, { id: replayKey, body, json, header: request.header });
  const trace = acceptTrace(c.req.header("traceparent"), deps.randomTraceBytes);
  const received = await deps.endpoints.receive(id, replayKey, payload, formatTraceparent(trace))
    .catch((thrown) => {
      throw isGone(thrown) ? refused(deps, id, endpoint, "gone") : thrown;
    });
  logReceived(deps, endpoint, received, trace.traceId);
  if (SCHEMES[endpoint.scheme].answersEmpty) return c.body(null, 202);
  return c.json({ job_id: received.job_id, duplicate: received.duplicate }, 202);
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
    header: (name) => c.req.raw.headers.get(name),
    body,
    url,
    query: new URL(c.req.url).searchParams,
  };
}

/** Without an endpoint the work is done all the same, with made-up keys. */
function verify(
  endpoint: WebhookEndpoint | undefined,
  request: SignedRequest,
  deps: WebhookDeps,
): Promise<Verdict> {
  const { scheme = "standard-webhooks", toleranceSeconds = 300 } = endpoint ?? {};
  const secrets = endpoint ? deps.secretsOf(endpoint) : [];
  return verifyWebhook(
    { scheme, secrets, toleranceSeconds },
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

function shakeHands(
  c: Context,
  deps: WebhookDeps,
  { tenantId }: WebhookEndpoint,
  { body, status }: Handshake,
): Response {
  deps.log.write("info", "webhook_handshake", { tenant_id: tenantId, status });
  return body ? c.json(body, status as 200) : c.body(null, status);
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
