import { JobForgeError } from "../../core/errors.ts";
import { SCHEME_NAMES, type SchemeName } from "../../core/webhook/scheme.ts";
import type { CustomSignature } from "../../core/webhook/schemes/custom.ts";
import { callRpc, type DataApi } from "./data_api.ts";
import type { SecretSource } from "./secrets.ts";

/** An endpoint for incoming webhooks. */
export interface WebhookEndpoint {
  tenantId: string;
  name: string;
  scheme: SchemeName;
  /** How the scheme `custom` is signed. */
  signature?: CustomSignature | undefined;
  toleranceSeconds: number;
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
  /** Creates the job of an event, once per replay key. Throws `not_found` without the endpoint. */
  receive(
    id: string,
    replayKey: string,
    payload: unknown,
    traceparent: string,
  ): Promise<ReceivedWebhook>;
}

interface EndpointRow {
  known: boolean;
  tenant_id: string;
  name: string;
  scheme: string;
  config: { tolerance_seconds?: number; url?: string; signature?: CustomSignature };
  secrets: SecretSource[];
}

const CALL = { timeoutMs: 5_000 };
const DEFAULT_TOLERANCE_SECONDS = 300;

/** Opens the endpoints over the Data API. */
export function openWebhookEndpoints(api: DataApi): WebhookEndpoints {
  return {
    async find(id) {
      const row = await callRpc(api, "jobforge_webhook_endpoint", { p_id: id }, CALL);
      return endpointOf(row as EndpointRow);
    },
    async receive(id, replayKey, payload, traceparent) {
      const args = {
        p_id: id,
        p_replay_key: replayKey,
        p_payload: payload,
        p_traceparent: traceparent,
      };
      return await callRpc(api, "jobforge_receive_webhook", args, CALL)
        .catch(aboutOneEvent) as ReceivedWebhook;
    },
  };
}

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
    url: row.config.url,
    secrets: row.secrets,
  };
}
