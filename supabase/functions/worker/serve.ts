import { attemptScope } from "../../../shared/adapters/runtime/attempt_scope.ts";
import { onUnload } from "../../../shared/adapters/runtime/edge_runtime.ts";
import { tagConsole } from "../../../shared/adapters/runtime/terminal.ts";
import { catchUncaught } from "../../../shared/adapters/runtime/uncaught.ts";
import { readWorkerEnv } from "../../../shared/adapters/runtime/env.ts";
import type { JobHandler } from "../../../shared/core/job/handler.ts";
import { createHandlers } from "../../../shared/jobs/handlers.ts";
import { connectorDeps } from "../../../shared/jobs/connector_deps.ts";
import { createApp } from "./app.ts";
import { createDeps } from "./deps.ts";

/** What an application adds to the worker. */
export interface WorkerOptions {
  /** Handlers of its own job types. Each type must also be declared to `serveEnqueue`. */
  handlers?: readonly JobHandler[];
}

/**
 * Serves the worker with the handlers of JobForge and of the application. Throws at once when the
 * environment is incomplete or a job type has two handlers.
 */
export function serveWorker({ handlers = [] }: WorkerOptions = {}): void {
  const env = readWorkerEnv((name) => Deno.env.get(name));
  const deps = createDeps(env, (api) => [
    ...createHandlers(connectorDeps(env, api, Deno.env.toObject()), api),
    ...handlers,
  ]);
  if (env.showErrors) tagConsole(attemptScope.current);
  onUnload(deps.stopAll);
  catchUncaught(attemptScope.current, deps.noteUncaught);
  Deno.serve(createApp(deps).fetch);
}
