import { httpRequest } from "./connector_http_request/definition.ts";
import { webhookDeliver } from "./connector_webhook_deliver/definition.ts";
import { dataImport } from "./data_import/definition.ts";
import { documentIndex } from "./document_index/definition.ts";
import { reportRender } from "./report_render/definition.ts";
import { systemCleanup } from "./system_cleanup/definition.ts";
import { systemNoop } from "./system_noop/definition.ts";
import { systemProbe } from "./system_probe/definition.ts";

/** Every job type, without handlers: what enqueue and applications import. */
export const definitions = [
  httpRequest,
  webhookDeliver,
  dataImport,
  documentIndex,
  reportRender,
  systemCleanup,
  systemNoop,
  systemProbe,
] as const;
