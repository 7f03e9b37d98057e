import { onUnload } from "../../../shared/adapters/edge_runtime.ts";
import { readWorkerEnv } from "../../../shared/adapters/env.ts";
import { createHandlers } from "../../../shared/jobs/handlers.ts";
import { createApp } from "./app.ts";
import { connectorDeps } from "./connectors.ts";
import { createDeps } from "./deps.ts";

const env = readWorkerEnv((name) => Deno.env.get(name));
const deps = createDeps(
  env,
  (api) => createHandlers(connectorDeps(env, api, Deno.env.toObject()), api),
);
onUnload(deps.stopAll);
Deno.serve(createApp(deps).fetch);
