import assert from "node:assert/strict";
import type { DataApi } from "../adapters/data_api/data_api.ts";
import { indexHandlers } from "../core/job/handler.ts";
import { indexDefinitions } from "../core/job/job_type.ts";
import { definitions } from "./definitions.ts";
import { createHandlers } from "./handlers.ts";
import { fakeConnectors } from "./fake_connectors.ts";

Deno.test("every declared type has exactly one handler, and no handler is undeclared", () => {
  const declared = indexDefinitions(definitions);
  const handled = indexHandlers(createHandlers(fakeConnectors(), {} as DataApi));
  assert.deepEqual([...handled.keys()].sort(), [...declared.keys()].sort());
  for (const [type, { definition }] of handled) assert.equal(definition, declared.get(type));
});

Deno.test("JobForge itself declares connectors and jobs of the system, no application's work", () => {
  for (const { type } of definitions) assert.match(type, /^(connector|system)\./);
});
