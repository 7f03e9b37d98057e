import { readEnqueueEnv } from "../../../shared/adapters/runtime/env.ts";
import type { JobDefinition } from "../../../shared/core/job/job_type.ts";
import { definitions as ownDefinitions } from "../../../shared/jobs/definitions.ts";
import { createApp } from "./app.ts";
import { createDeps } from "./deps.ts";

/** What an application adds to enqueue. */
export interface EnqueueOptions {
  /** Its own job types, without handlers, so that no handler is deployed with this function. */
  definitions?: readonly JobDefinition[];
}

/**
 * Serves enqueue for the job types of JobForge and of the application. Throws at once when the
 * environment is incomplete or two job types have one name.
 */
export function serveEnqueue({ definitions = [] }: EnqueueOptions = {}): void {
  const env = readEnqueueEnv((name) => Deno.env.get(name));
  Deno.serve(createApp(createDeps(env, [...ownDefinitions, ...definitions])).fetch);
}
