import type { OpenedConnector } from "../../adapters/data_api/connector_api.ts";
import type { EgressResponse } from "../../adapters/egress/egress.ts";
import { writeJson } from "../../core/encoding/exact_json.ts";
import { storeBody } from "../../core/egress/stored_body.ts";
import { parseUrl } from "../../core/egress/url.ts";
import { handle, type JobContext, type JobHandler } from "../../core/job/handler.ts";
import type { PayloadOf, ResultOf } from "../../core/job/job_type.ts";
import { MAX_RESULT_BYTES } from "../../core/job/outcome.ts";
import {
  callOut,
  checked,
  type ConnectorDeps,
  openConnector,
  retryAnswer,
} from "../connector_call.ts";
import { policyOf, readConfig, type RequestConfig } from "./config.ts";
import { httpRequest } from "./definition.ts";

type Payload = PayloadOf<typeof httpRequest>;

/** Bytes of a result beside the body. */
const HEADERS_BYTES = 16 * 1024;

/** Creates the handler that sends a job's request and stores the answer. */
export function createHttpRequest(deps: ConnectorDeps): JobHandler {
  return handle(httpRequest, async (payload, ctx) => {
    const { host } = checked(() => parseUrl(payload.url));
    const opened = await openConnector(deps, ctx, httpRequest.type, payload.config, host);
    const config = readConfig(opened.config);
    const credential = credentialOf(deps, ctx, opened, config);
    const body = bodyOf(payload);
    const request = {
      url: payload.url,
      method: payload.method,
      headers: headersOf(payload, ctx),
      ownHeaders: credential.headers,
      body: body === undefined ? undefined : new TextEncoder().encode(body),
      // A host that echoes its request must not reveal the secret.
      secrets: credential.secrets,
    };
    const answer = await callOut(deps, ctx, request, policyOf(config, payload));
    if (isRetried(answer.status)) throw await retryAnswer(deps, ctx, host, answer);
    return toResult(answer);
  });
}

function isRetried(status: number): boolean {
  return status >= 500 || status === 429 || status === 408;
}

function bodyOf({ body }: Payload): string | undefined {
  return typeof body === "string" || body === undefined ? body : writeJson(body);
}

/** Returns the job's headers, completed by JobForge's. */
function headersOf(payload: Payload, ctx: JobContext): Record<string, string> {
  const ours: Record<string, string> = { traceparent: ctx.traceparent };
  if (payload.method !== "GET" && payload.method !== "HEAD") {
    ours["idempotency-key"] = ctx.idempotencyKey;
  }
  if (payload.body !== undefined) {
    const isText = typeof payload.body === "string";
    ours["content-type"] = isText ? "text/plain; charset=utf-8" : "application/json";
  }
  const given = new Set(Object.keys(payload.headers).map((name) => name.toLowerCase()));
  const added = Object.entries(ours).filter(([name]) => !given.has(name));
  return { ...payload.headers, ...Object.fromEntries(added) };
}

interface Credential {
  headers: Record<string, string>;
  secrets: string[];
}

function credentialOf(
  deps: ConnectorDeps,
  ctx: JobContext,
  opened: OpenedConnector,
  { auth }: RequestConfig,
): Credential {
  if (!auth) return { headers: {}, secrets: [] };
  const [newest = ""] = deps.resolveSecrets(ctx.tenantId, opened.secrets);
  return { headers: { [auth.header]: auth.prefix + newest }, secrets: [newest] };
}

/** Returns the answer as it is stored. */
function toResult(answer: EgressResponse): ResultOf<typeof httpRequest> {
  const { status, headers, body, truncated } = answer;
  // Text that is compressed is not text.
  const type = headers["content-encoding"] === undefined
    ? headers["content-type"]
    : "application/octet-stream";
  return {
    status,
    headers,
    ...storeBody(body, type, truncated, MAX_RESULT_BYTES - HEADERS_BYTES),
  };
}
