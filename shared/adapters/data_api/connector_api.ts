import { callRpc, type DataApi } from "./data_api.ts";
import type { SecretSource } from "./secrets.ts";

/** A tenant's configuration of a connector as a worker opens it. */
export interface OpenedConnector {
  id: string;
  config: unknown;
  enabled: boolean;
  secrets: SecretSource[];
  /** Milliseconds until the pause the host asked for ends, or null without a pause. */
  closed_ms: number | null;
}

/** The database calls of connectors. All throw JobForgeError: `not_found`, `unavailable`, … */
export interface ConnectorApi {
  open(
    tenantId: string,
    connector: string,
    name: string,
    /** undefined: the host of the configured URL. */
    host: string | undefined,
    signal: AbortSignal,
  ): Promise<OpenedConnector>;
  /** Stops all calls of a tenant to a host for a while. Of two ends the later one counts. */
  closeHost(tenantId: string, host: string, ms: number): Promise<void>;
  /** Opens a webhook destination, and the message of a delivery to it if it has one. */
  openDelivery(
    tenantId: string,
    delivery: DeliveryKey,
    signal: AbortSignal,
  ): Promise<OpenedDelivery>;
  /** Records an attempt, which may pause its destination or resume it. */
  reportDelivery(tenantId: string, attempt: ReportedAttempt): Promise<void>;
}

/** What a job delivers, and where. */
export interface DeliveryKey {
  destination: string;
  jobId: string;
  /** undefined: the job has its own data. */
  messageId: string | undefined;
}

/** A webhook destination as a worker opens it for one delivery. */
export interface OpenedDelivery extends OpenedConnector {
  /** By what the destination is paused, or null when the job may call it. */
  paused: "failures" | "gone" | "hand" | null;
  /**
   * The status of a delivery that arrived before its run was lost, null when another job sends its
   * message. Missing or null when the job has to send it.
   */
  ended?: { status: number | null } | null;
  /** Null for a job with its own data, and when the message or the destination was deleted. */
  message: { type: string; created_at: string; data: unknown } | null;
}

/** An attempt of a delivery: the status of the response, or the code of an error. */
export interface ReportedAttempt {
  destinationId: string;
  jobId: string;
  status?: number;
  error?: string;
}

const TIMEOUT_MS = 10_000;

/** The calls of connectors over the Data API, under the worker's key. */
export function openConnectorApi(api: DataApi): ConnectorApi {
  return {
    async open(tenantId, connector, name, host, signal) {
      const args = {
        p_tenant_id: tenantId,
        p_connector: connector,
        p_name: name,
        p_host: host ?? null,
      };
      const options = { timeoutMs: TIMEOUT_MS, signal };
      return await callRpc(api, "jobforge_open_connector", args, options) as OpenedConnector;
    },
    async closeHost(tenantId, host, ms) {
      const args = { p_tenant_id: tenantId, p_host: host, p_ms: Math.round(ms) };
      await callRpc(api, "jobforge_close_host", args, { timeoutMs: TIMEOUT_MS });
    },
    async openDelivery(tenantId, { destination, jobId, messageId }, signal) {
      const args = {
        ...{ p_tenant_id: tenantId, p_destination: destination, p_job_id: jobId },
        p_message_id: messageId ?? null,
      };
      const options = { timeoutMs: TIMEOUT_MS, signal };
      return await callRpc(api, "jobforge_open_delivery", args, options) as OpenedDelivery;
    },
    async reportDelivery(tenantId, { destinationId, jobId, status, error }) {
      const args = {
        ...{ p_tenant_id: tenantId, p_destination_id: destinationId, p_job_id: jobId },
        ...{ p_status: status ?? null, p_error: error ?? null },
      };
      await callRpc(api, "jobforge_report_delivery", args, { timeoutMs: TIMEOUT_MS });
    },
  };
}
