import type { DataApi } from "../adapters/data_api/data_api.ts";
import type { JobHandler } from "../core/job/handler.ts";
import type { ConnectorDeps } from "./connector_call.ts";
import { createHttpRequest } from "./connector_http_request/handler.ts";
import { createWebhookDeliver } from "./connector_webhook_deliver/handler.ts";
import { createCleanup } from "./system_cleanup/handler.ts";
import { doNothing } from "./system_noop/handler.ts";
import { probe } from "./system_probe/handler.ts";

/**
 * Creates the handlers of JobForge's own job types. Those of connectors use the egress client, the
 * cleanup uses a service's Data API.
 */
export function createHandlers(deps: ConnectorDeps, api: DataApi): readonly JobHandler[] {
  return [
    createHttpRequest(deps),
    createWebhookDeliver(deps),
    createCleanup(api),
    doNothing,
    probe,
  ];
}
