import { readServiceEnv } from "../../../shared/adapters/runtime/env.ts";
import { createApp } from "./app.ts";
import { createDeps } from "./deps.ts";

const deps = createDeps(readServiceEnv((name) => Deno.env.get(name)), Deno.env.toObject());
Deno.serve(createApp(deps).fetch);
