import { openConnectorApi } from "../../../shared/adapters/data_api/connector_api.ts";
import type { DataApi } from "../../../shared/adapters/data_api/data_api.ts";
import { secretResolver } from "../../../shared/adapters/data_api/secrets.ts";
import { createEgress } from "../../../shared/adapters/egress/egress.ts";
import type { WorkerEnv } from "../../../shared/adapters/runtime/env.ts";
import type { ConnectorDeps } from "../../../shared/jobs/connector_call.ts";

/** Creates what connectors need. Of `environment` only JOBFORGE_SECRET_… is kept. */
export function connectorDeps(
  { supabaseUrl, localEgress }: WorkerEnv,
  api: DataApi,
  environment: Record<string, string>,
): ConnectorDeps {
  return {
    connectors: openConnectorApi(api),
    egress: createEgress({ site: { supabaseUrl, localEgress } }),
    resolveSecrets: secretResolver(environment),
    random: Math.random,
  };
}
