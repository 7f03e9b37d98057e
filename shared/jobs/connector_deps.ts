import { openConnectorApi } from "../adapters/data_api/connector_api.ts";
import type { DataApi } from "../adapters/data_api/data_api.ts";
import { secretResolver } from "../adapters/data_api/secrets.ts";
import { createEgress, type EgressNetwork } from "../adapters/egress/egress.ts";
import type { WorkerEnv } from "../adapters/runtime/env.ts";
import type { ConnectorDeps } from "./connector_call.ts";

/** Creates what connectors need. Of `environment` only JOBFORGE_SECRET_… is kept. */
export function connectorDeps(
  { supabaseUrl, localEgress }: Pick<WorkerEnv, "supabaseUrl" | "localEgress">,
  api: DataApi,
  environment: Record<string, string>,
  network: EgressNetwork = {},
): ConnectorDeps {
  return {
    connectors: openConnectorApi(api),
    egress: createEgress({ site: { supabaseUrl, localEgress }, ...network }),
    resolveSecrets: secretResolver(environment),
    random: Math.random,
  };
}
