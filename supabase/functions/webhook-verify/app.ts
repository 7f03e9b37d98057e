import { Hono } from "hono";
import { noSuchRoute, onlyMethods, problemResponse } from "../../../shared/adapters/http/http.ts";
import type { WebhookDeps } from "./ports.ts";
import { takeWebhook } from "./take_webhook.ts";

/**
 * The webhook-verify function, below the name under which it is deployed: POST …/:config_id turns a
 * signed event into a job. A HEAD is how Intercom tries an address. Only Twilio sends events by GET.
 */
export function createApp(deps: WebhookDeps): Hono {
  const app = new Hono({ strict: false }).basePath("/:function");
  app.post("/:config_id", (c) => takeWebhook(c, deps));
  app.get("/:config_id", (c, next) => {
    if (c.req.method === "HEAD") return c.body(null, 200);
    return c.req.header("x-twilio-signature") === undefined ? next() : takeWebhook(c, deps);
  });
  app.all("/:config_id", onlyMethods("POST"));
  app.notFound(noSuchRoute);
  app.onError((thrown, c) => problemResponse(c, thrown, deps.log));
  return app;
}
