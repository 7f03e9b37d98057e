import { keepAlive } from "../../../shared/adapters/runtime/edge_runtime.ts";
import { readServiceEnv } from "../../../shared/adapters/runtime/env.ts";
import { createApp } from "./app.ts";
import { createDeps } from "./deps.ts";

/**
 * Serves the webhook endpoints, and stores the URL of a project that has none. Throws at once when
 * the environment is incomplete.
 */
export function serveWebhooks(): void {
  const env = readServiceEnv((name) => Deno.env.get(name));
  const deps = createDeps(env, Deno.env.toObject());
  keepAlive(deps.announce());
  Deno.serve(createApp(deps).fetch);
}
