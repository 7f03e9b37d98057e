import { readEnqueueEnv } from "../../../../shared/adapters/env.ts";
import { definitions } from "../../../../shared/jobs/definitions.ts";
import { createApp } from "../../enqueue/app.ts";
import { createDeps } from "../../enqueue/deps.ts";
import { leakDefinition } from "./leak_definition.ts";

const env = readEnqueueEnv((name) => Deno.env.get(name));
Deno.serve(createApp(createDeps(env, [...definitions, leakDefinition])).fetch);
