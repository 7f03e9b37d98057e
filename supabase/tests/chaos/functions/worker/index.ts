/** The worker of the project, with job types that tell of their attempts, and a clock to set. */
import { onUnload } from "../../../../../shared/adapters/edge_runtime.ts";
import { readWorkerEnv } from "../../../../../shared/adapters/env.ts";
import { createHandlers } from "../../../../../shared/jobs/handlers.ts";
import { createApp } from "../../../../functions/worker/app.ts";
import { connectorDeps } from "../../../../functions/worker/connectors.ts";
import { createDeps } from "../../../../functions/worker/deps.ts";
import { chaosHandlers } from "./job_types.ts";

const skewMs = Number(Deno.env.get("CHAOS_CLOCK_SKEW_MS") ?? 0);
if (skewMs !== 0) {
  const now = Date.now;
  Date.now = () => now() + skewMs;
}

const env = readWorkerEnv((name) => Deno.env.get(name));
const deps = createDeps(env, (api) => [
  ...createHandlers(connectorDeps(env, api, Deno.env.toObject()), api),
  ...chaosHandlers(Deno.env.get("CHAOS_RECEIVER")!),
]);
onUnload(deps.stopAll);
Deno.serve(createApp(deps).fetch);
