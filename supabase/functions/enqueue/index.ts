import { readEnqueueEnv } from "../../../shared/adapters/env.ts";
import { definitions } from "../../../shared/jobs/definitions.ts";
import { createApp } from "./app.ts";
import { createDeps } from "./deps.ts";

const deps = createDeps(readEnqueueEnv((name) => Deno.env.get(name)), definitions);
Deno.serve(createApp(deps).fetch);
