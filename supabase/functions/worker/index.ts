import { onUnload } from "../../../shared/adapters/edge_runtime.ts";
import { readWorkerEnv } from "../../../shared/adapters/env.ts";
import { handlers } from "../../../shared/jobs/handlers.ts";
import { createApp } from "./app.ts";
import { createDeps } from "./deps.ts";

const deps = createDeps(readWorkerEnv((name) => Deno.env.get(name)), handlers);
onUnload(deps.stopAll);
Deno.serve(createApp(deps).fetch);
