import type { OpenedConnector } from "../../adapters/data_api/connector_api.ts";
import type { EgressResponse } from "../../adapters/egress/egress.ts";
import { parseUrl } from "../../core/egress/url.ts";
import { writeJson } from "../../core/encoding/exact_json.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import type { JobContext, JobHandler } from "../../core/job/handler.ts";
import { handle, PermanentError, RetryError } from "../../core/job/handler.ts";
import type { PayloadOf } from "../../core/job/job_type.ts";
import { signStandard } from "../../core/webhook/sign.ts";
import { callOut, checked, type ConnectorDeps, openConnector } from "../connector_call.ts";
import { policyFor, readConfig } from "./config.ts";
import { webhookDeliver } from "./definition.ts";
import { nextAttemptMs } from "./delivery_delays.ts";

type Payload = PayloadOf<typeof webhookDeliver>;

const GONE = 410;
/** Statuses that ask for fewer requests, not only for a retry of this one. */
const THROTTLING = new Set([429, 502, 503, 504]);

/** Creates the handler that delivers a job's event. `epoch` is the clock of the signatures. */
export function createWebhookDeliver(deps: ConnectorDeps, epoch = () => Date.now()): JobHandler {
  return handle(webhookDeliver, async (payload, ctx) => {
    const opened = await openDestination(deps, ctx, payload.destination);
    const config = readConfig(opened.config);
    const url = checked(() => parseUrl(config.url));
    const id = `msg_${ctx.jobId}`;
    const body = utf8(messageOf(payload, ctx));
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
    if (status === GONE) throw await giveUp(deps, ctx, opened);
    throw await tryLater(deps, ctx, url.host, answer);
  });
}

/**
 * Returns the signed and sent message. It is the same for every attempt, because its time is the
 * job's.
 */
function messageOf({ data, event_type }: Payload, ctx: JobContext): string {
  return writeJson({ type: event_type, timestamp: ctx.createdAt, data });
}

async function openDestination(
  deps: ConnectorDeps,
  ctx: JobContext,
  name: string,
): Promise<OpenedConnector> {
  try {
    return await openConnector(deps, ctx, webhookDeliver.type, name, undefined);
  } catch (thrown) {
    if (!(thrown instanceof PermanentError) || thrown.code !== "connector_disabled") {
      throw onSchedule(deps, ctx, thrown);
    }
    throw new PermanentError(`the destination "${name}" is disabled`, {
      code: "endpoint_disabled",
    });
  }
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

async function giveUp(
  deps: ConnectorDeps,
  ctx: JobContext,
  { id }: OpenedConnector,
): Promise<PermanentError> {
  await deps.connectors.disable(ctx.tenantId, id, "the destination answered 410 Gone");
  return new PermanentError("the destination answered 410 and is now disabled", {
    code: "endpoint_disabled",
  });
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
