import type { OpenedDelivery } from "../../adapters/data_api/connector_api.ts";
import type { EgressResponse } from "../../adapters/egress/egress.ts";
import { parseUrl } from "../../core/egress/url.ts";
import { writeJson } from "../../core/encoding/exact_json.ts";
import { type Bytes, utf8 } from "../../core/encoding/bytes.ts";
import type { JobContext, JobHandler } from "../../core/job/handler.ts";
import { handle, PermanentError, PostponeError, RetryError } from "../../core/job/handler.ts";
import type { PayloadOf, ResultOf } from "../../core/job/job_type.ts";
import { signStandard } from "../../core/webhook/sign.ts";
import { callOut, checked, type ConnectorDeps } from "../connector_call.ts";
import { orOutcome, requireEnabled, requireOpenHost, spread } from "../connector_call.ts";
import { policyFor, readConfig } from "./config.ts";
import { webhookDeliver } from "./definition.ts";
import { nextAttemptMs } from "./delivery_delays.ts";

type Payload = PayloadOf<typeof webhookDeliver>;
type Result = ResultOf<typeof webhookDeliver>;

const GONE = 410;
/** Statuses that ask for fewer requests, not only for a retry of this one. */
const THROTTLING = new Set([429, 502, 503, 504]);
/** How long a job with its own data waits before it looks at a paused destination again. */
const PAUSED_MS = 900_000;

/** Creates the handler that delivers a job's event. `epoch` is the clock of the signatures. */
export function createWebhookDeliver(deps: ConnectorDeps, epoch = () => Date.now()): JobHandler {
  return handle(webhookDeliver, async (payload, ctx) => {
    const opened = await openDestination(deps, ctx, payload);
    const webhook_id = `msg_${"message_id" in payload ? payload.message_id : ctx.jobId}`;
    if (opened.paused !== null && "message_id" in payload) {
      return { status: null, attempt: ctx.attempt, webhook_id };
    }
    if (opened.ended) return { status: opened.ended.status, attempt: ctx.attempt, webhook_id };
    requireResumed(opened, deps);
    requireOpenHost(opened, deps);
    const body = utf8(messageOf(payload, opened, ctx));
    return await reporting(deps, ctx, opened, () => {
      return send(deps, ctx, opened, { id: webhook_id, body, epoch });
    });
  });
}

async function send(
  deps: ConnectorDeps,
  ctx: JobContext,
  opened: OpenedDelivery,
  { id, body, epoch }: { id: string; body: Bytes; epoch: () => number },
): Promise<Result> {
  const config = readConfig(opened.config);
  const url = checked(() => parseUrl(config.url));
  const secrets = deps.resolveSecrets(ctx.tenantId, opened.secrets);
  const timestamp = Math.floor(epoch() / 1000);
  const signature = await signed(secrets, { id, timestamp, body });
  const request = {
    url: config.url,
    method: "POST" as const,
    headers: { traceparent: ctx.traceparent, ...config.headers },
    ownHeaders: { "content-type": "application/json", ...signature },
    body,
  };
  const answer = await callOut(deps, ctx, request, policyFor(url, config))
    .catch((thrown) => {
      throw onSchedule(deps, ctx, thrown);
    });
  const { status } = answer;
  if (status >= 200 && status < 300) return { status, attempt: ctx.attempt, webhook_id: id };
  if (status === GONE) {
    throw new PermanentError("the destination answered 410 and is now paused", {
      code: "http_410",
    });
  }
  throw await tryLater(deps, ctx, url.host, answer);
}

/**
 * Reports the attempt to the database, which may pause the destination or resume it. If the report
 * fails, the outcome of the job still counts. An attempt that was aborted tells nothing about the
 * destination.
 */
async function reporting(
  deps: ConnectorDeps,
  ctx: JobContext,
  { id: destinationId }: OpenedDelivery,
  attempt: () => Promise<Result>,
): Promise<Result> {
  const report = (outcome: { status: number } | { error: string }) =>
    deps.connectors
      .reportDelivery(ctx.tenantId, { destinationId, jobId: ctx.jobId, ...outcome })
      .catch(() => {});
  try {
    const result = await attempt();
    await report({ status: result.status! });
    return result;
  } catch (thrown) {
    if (ctx.signal.aborted) throw thrown;
    const { code } = thrown as { code?: unknown };
    const error = typeof code === "string" ? code : "failed";
    const status = /^http_(\d{3})$/.exec(error)?.[1];
    await report(status ? { status: Number(status) } : { error });
    throw thrown;
  }
}

/**
 * Returns the signed and sent message. It is the same for every attempt, because its time is that
 * of the message or of the job.
 */
function messageOf(payload: Payload, { message }: OpenedDelivery, ctx: JobContext): string {
  if (!("message_id" in payload)) {
    const { event_type: type, data } = payload;
    return writeJson({ type, timestamp: ctx.createdAt, data });
  }
  if (message === null) {
    throw new PermanentError("the message was deleted, or was for another destination", {
      code: "message_not_found",
    });
  }
  const timestamp = new Date(message.created_at).toISOString();
  return writeJson({ type: message.type, timestamp, data: message.data });
}

async function openDestination(
  deps: ConnectorDeps,
  ctx: JobContext,
  payload: Payload,
): Promise<OpenedDelivery> {
  const what = `destination "${payload.destination}"`;
  const delivery = {
    destination: payload.destination,
    jobId: ctx.jobId,
    messageId: "message_id" in payload ? payload.message_id : undefined,
  };
  const open = () => deps.connectors.openDelivery(ctx.tenantId, delivery, ctx.signal);
  const opened = await orOutcome(open, what).catch((thrown) => {
    throw onSchedule(deps, ctx, thrown);
  });
  requireEnabled(opened, what, "endpoint_disabled");
  return opened;
}

/**
 * Throws while the destination is paused: PermanentError when the receiver is gone, or else
 * PostponeError.
 */
function requireResumed({ paused }: OpenedDelivery, { random }: ConnectorDeps): void {
  if (paused === null) return;
  const message = "the destination is paused";
  const code = "destination_paused";
  if (paused === "gone") throw new PermanentError(message, { code });
  throw new PostponeError(message, { code, afterMs: spread(PAUSED_MS, random()) });
}

async function signed(
  secrets: string[],
  message: Parameters<typeof signStandard>[1],
): Promise<Record<string, string>> {
  try {
    return await signStandard(secrets, message);
  } catch {
    throw new PermanentError("a secret must be whsec_ with the base64 of 24 to 64 bytes", {
      code: "secret_unusable",
    });
  }
}

/** Returns a failure with the delay of the next attempt, unless it has one. */
function onSchedule(deps: ConnectorDeps, ctx: JobContext, thrown: unknown): unknown {
  if (!(thrown instanceof RetryError) || thrown.afterMs !== undefined) return thrown;
  const afterMs = nextAttemptMs(ctx.attempt, deps.random());
  return new RetryError(thrown.message, { code: thrown.code, afterMs });
}

/**
 * Returns the error of an answer to retry. The body is not read: a result could show what only the
 * worker can reach.
 */
async function tryLater(
  deps: ConnectorDeps,
  ctx: JobContext,
  host: string,
  { retryAfterMs = 0, status }: EgressResponse,
): Promise<RetryError> {
  if (retryAfterMs > 0 && THROTTLING.has(status)) {
    // If closing fails, this job still waits, and the host gives the next one the same answer.
    await deps.connectors.closeHost(ctx.tenantId, host, retryAfterMs).catch(() => {});
  }
  const afterMs = Math.max(retryAfterMs, nextAttemptMs(ctx.attempt, deps.random()));
  const code = `http_${status}`;
  return new RetryError(`the destination answered ${status}`, { code, afterMs });
}
