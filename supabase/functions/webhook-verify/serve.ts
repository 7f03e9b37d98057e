import { readServiceEnv } from "../../../shared/adapters/runtime/env.ts";
import { createApp } from "./app.ts";
import { createDeps } from "./deps.ts";

/** Serves the webhook endpoints. Throws at once when the environment is incomplete. */
export function serveWebhooks(): void {
  const deps = createDeps(readServiceEnv((name) => Deno.env.get(name)), Deno.env.toObject());
  Deno.serve(createApp(deps).fetch);
}
