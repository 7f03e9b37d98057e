import type { DataApi } from "../adapters/data_api.ts";
import type { JobHandler } from "../core/handler.ts";
import type { ConnectorDeps } from "./connector_call.ts";
import { createHttpRequest } from "./connector_http_request/handler.ts";
import { createWebhookDeliver } from "./connector_webhook_deliver/handler.ts";
import { importData } from "./data_import/handler.ts";
import { indexDocument } from "./document_index/handler.ts";
import { renderReport } from "./report_render/handler.ts";
import { createCleanup } from "./system_cleanup/handler.ts";
import { doNothing } from "./system_noop/handler.ts";
import { probe } from "./system_probe/handler.ts";

/**
 * Every handler the worker runs; those of connectors are made with the way out, those of JobForge
 * itself with a service's Data API.
 */
export function createHandlers(deps: ConnectorDeps, api: DataApi): readonly JobHandler[] {
  return [
    createHttpRequest(deps),
    createWebhookDeliver(deps),
    importData,
    indexDocument,
    renderReport,
    createCleanup(api),
    doNothing,
    probe,
  ];
}
