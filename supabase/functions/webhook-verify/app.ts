import { Hono } from "hono";
import { noSuchRoute, onlyMethods, problemResponse } from "../../../shared/adapters/http.ts";
import type { RefusalCounter } from "../../../shared/adapters/refusal_counter.ts";
import type {
  WebhookEndpoint,
  WebhookEndpoints,
} from "../../../shared/adapters/webhook_endpoints.ts";
import type { RunLog } from "../../../shared/worker/ports.ts";
import { takeWebhook } from "./take_webhook.ts";

/** What the route of webhook-verify needs. */
export interface WebhookDeps {
  endpoints: WebhookEndpoints;
  /** The texts of an endpoint's secrets, newest first; what does not resolve is left out. */
  secretsOf(endpoint: WebhookEndpoint): string[];
  nowSeconds(): number;
  randomTraceBytes(): Uint8Array;
  refusals: RefusalCounter;
  log: RunLog;
}

/** The webhook-verify function: POST /webhook-verify/:config_id turns a signed event into a job. */
export function createApp(deps: WebhookDeps): Hono {
  const app = new Hono({ strict: false }).basePath("/webhook-verify");
  app.post("/:config_id", (c) => takeWebhook(c, deps));
  app.all("/:config_id", onlyMethods("POST"));
  app.notFound(noSuchRoute);
  app.onError((thrown, c) => problemResponse(c, thrown, deps.log));
  return app;
}
