import { httpRequest } from "./connector_http_request/definition.ts";
import { webhookDeliver } from "./connector_webhook_deliver/definition.ts";
import { systemCleanup } from "./system_cleanup/definition.ts";
import { systemNoop } from "./system_noop/definition.ts";
import { systemProbe } from "./system_probe/definition.ts";

/** The job types of JobForge itself, without handlers. Applications add their own. */
export const definitions = [
  httpRequest,
  webhookDeliver,
  systemCleanup,
  systemNoop,
  systemProbe,
] as const;
