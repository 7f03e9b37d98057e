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
  /** Disables a configuration until an operator enables it. */
  disable(tenantId: string, id: string, reason: string): Promise<void>;
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
    async disable(tenantId, id, reason) {
      const args = { p_tenant_id: tenantId, p_id: id, p_reason: reason };
      await callRpc(api, "jobforge_disable_connector", args, { timeoutMs: TIMEOUT_MS });
    },
  };
}
