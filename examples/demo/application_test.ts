import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { DEMO_TENANTS } from "../../local/dev/tenants.ts";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import { createJobForge } from "../../shared/client.ts";
import { indexHandlers } from "../../shared/core/job/handler.ts";
import { indexDefinitions } from "../../shared/core/job/job_type.ts";
import { sample } from "../data/sample.ts";
import { sampleDefinitions } from "../jobs/definitions.ts";
import { sampleHandlers } from "../jobs/handlers.ts";

const FUNCTIONS = new URL("functions/", import.meta.url).pathname;
const tenantId = DEMO_TENANTS.acme;

async function jobIdsOf(stack: Stack, jobs: unknown[]): Promise<string[]> {
  const response = await post(stack, { tenant_id: tenantId, jobs });
  const text = await response.text();
  assert.equal(response.status, 202, text);
  return JSON.parse(text).jobs.map(({ job_id }: { job_id: string }) => job_id);
}

function post(stack: Stack, body: unknown): Promise<Response> {
  return fetch(`${stack.url}/functions/v1/enqueue`, {
    method: "POST",
    headers: { apikey: stack.secretKey, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

Deno.test("every sample type has exactly one handler", () => {
  const declared = indexDefinitions(sampleDefinitions);
  const handled = indexHandlers(sampleHandlers);
  assert.deepEqual([...handled.keys()].sort(), [...declared.keys()].sort());
  for (const [type, { definition }] of handled) assert.equal(definition, declared.get(type));
});

Deno.test("an application's own job types on enqueue and worker", async (t) => {
  const stack = await startStack({
    files: { functions: FUNCTIONS },
    functions: ["enqueue", "worker"],
  });
  try {
    await t.step("real work gives real results, beside JobForge's own types", async () => {
      const columns = [
        { name: "order_id", kind: "integer" },
        { name: "quantity", kind: "integer" },
      ];
      const ids = await jobIdsOf(stack, [
        { type: "document.index", payload: { text: await sample("harbour_notes.txt") } },
        { type: "data.import", payload: { csv: await sample("orders.csv"), columns } },
        { type: "report.render", payload: JSON.parse(await sample("invoice.json")) },
        { type: "system.probe", payload: { echo: "hello" } },
      ]);
      const service = createClient(stack.url, stack.secretKey);
      const jobforge = createJobForge(service, { tenantId });
      // deno-lint-ignore no-explicit-any -- ids carry no type
      const results: any[] = await Promise.all(
        ids.map(async (id) => (await jobforge.waitForJob(id, { timeoutMs: 30_000 })).result),
      );
      const [indexed, imported, rendered, probed] = results;
      assert.equal(indexed.terms[0].term, "scale");
      assert.deepEqual([imported.accepted, imported.rejected], [9, 2]);
      assert.equal(rendered.gross_minor, 27_523);
      assert.equal(probed.echo, "hello");
    });

    await t.step("a payload that does not fit its schema is refused at enqueue", async () => {
      const job = { type: "document.index", payload: { text: "" } };
      const response = await post(stack, { tenant_id: tenantId, ...job });
      assert.deepEqual([response.status, (await response.json()).code], [400, "invalid_payload"]);
    });
  } finally {
    await stack.stop();
  }
});
