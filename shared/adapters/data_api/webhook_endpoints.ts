import { writeJson } from "../../core/encoding/exact_json.ts";
import { base64Length, type Bytes, utf8, writeBase64 } from "../../core/encoding/bytes.ts";
import { JobForgeError } from "../../core/errors.ts";
import { SCHEME_NAMES, type SchemeName } from "../../core/webhook/scheme.ts";
import type { CustomSignature } from "../../core/webhook/schemes/custom.ts";
import { callRpc, replyOf, type RunApi } from "./data_api.ts";
import type { SecretSource } from "./secrets.ts";

/** An endpoint for incoming webhooks. */
export interface WebhookEndpoint {
  tenantId: string;
  name: string;
  scheme: SchemeName;
  /** How the scheme `custom` is signed. */
  signature?: CustomSignature | undefined;
  toleranceSeconds: number;
  /** Whether every body is stored as it came. Otherwise only those are that no payload can hold. */
  keepBody: boolean;
  /** Public URL of the endpoint, for schemes that sign it. */
  url: string | undefined;
  /** Newest first. */
  secrets: SecretSource[];
}

/** The job created from a webhook event. */
export interface ReceivedWebhook {
  job_id: string;
  /** True when the event was received before. `job_id` is then the earlier job. */
  duplicate: boolean;
}

/** The webhook endpoints of all tenants, as a service reads them. Calls throw JobForgeError. */
export interface WebhookEndpoints {
  /** Returns undefined for an unknown ID and for a disabled endpoint. */
  find(id: string): Promise<WebhookEndpoint | undefined>;
  /**
   * Creates the job of an event, once per replay key. A body is stored beside the job. Throws
   * `not_found` without the endpoint, and `payload_too_large` for what no job can hold.
   */
  receive(
    id: string,
    replayKey: string,
    payload: unknown,
    traceparent: string,
    body?: Bytes,
  ): Promise<ReceivedWebhook>;
}

interface EndpointRow {
  known: boolean;
  tenant_id: string;
  name: string;
  scheme: string;
  config: {
    tolerance_seconds?: number;
    url?: string;
    signature?: CustomSignature;
    keep_body?: boolean;
  };
  secrets: SecretSource[];
}

const CALL = { timeoutMs: 5_000 };
const DEFAULT_TOLERANCE_SECONDS = 300;
const MAX_REPLY_BYTES = 64 * 1024;

/** Opens the endpoints over the Data API. */
export function openWebhookEndpoints(api: RunApi): WebhookEndpoints {
  return {
    async find(id) {
      const row = await callRpc(api, "jobforge_webhook_endpoint", { p_id: id }, CALL);
      return endpointOf(row as EndpointRow);
    },
    async receive(id, replayKey, payload, traceparent, body) {
      const args = {
        p_id: id,
        p_replay_key: replayKey,
        p_payload: payload,
        p_traceparent: traceparent,
      };
      const text = body ? withBody(args, body) : writeJson(args);
      const call = api.postRpc("jobforge_receive_webhook", text, MAX_REPLY_BYTES);
      return (await replyOf(call, CALL).catch(aboutOneEvent)).data as ReceivedWebhook;
    },
  };
}

/** Returns arguments as JSON with a body in base64, as bytes: a string of 7 MB would cost more. */
function withBody(args: Record<string, unknown>, body: Bytes): Bytes {
  const head = utf8(`${writeJson(args).slice(0, -1)},"p_body":"`);
  const end = head.length + base64Length(body.length);
  const text = new Uint8Array(end + TAIL.length);
  text.set(head);
  writeBase64(body, text.subarray(head.length, end));
  text.set(TAIL, end);
  return text;
}

const TAIL = utf8('"}');

/** Throws an error about a batch of jobs as one about an event, whose sender knows no jobs. */
function aboutOneEvent(thrown: unknown): never {
  if (!(thrown instanceof JobForgeError)) throw thrown;
  const message = thrown.message.replace(/^job 0: payload /, "the event ").replace(/^job 0: /, "");
  throw new JobForgeError(thrown.code, message, thrown.extras);
}

function endpointOf(row: EndpointRow): WebhookEndpoint | undefined {
  const scheme = SCHEME_NAMES.find((name) => name === row.scheme);
  if (!row.known || !scheme) return undefined;
  return {
    tenantId: row.tenant_id,
    name: row.name,
    scheme,
    signature: row.config.signature,
    toleranceSeconds: row.config.tolerance_seconds ?? DEFAULT_TOLERANCE_SECONDS,
    keepBody: row.config.keep_body ?? false,
    url: row.config.url,
    secrets: row.secrets,
  };
}
