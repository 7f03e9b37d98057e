import assert from "node:assert/strict";
import { join } from "node:path";
import { testProject } from "../../../local/test/test_project.ts";
import { type PlantedSecrets, plantSecrets } from "./planted_secrets/secrets.ts";
import {
  connectorFlows,
  startHost,
  WORKER_SECRET_NAME,
} from "./planted_secrets/connector_flows.ts";
import { flows, sceneOf } from "./planted_secrets/flows.ts";
import { type Answer, search } from "./planted_secrets/search.ts";
import { ACME, onStage, type Stage } from "./stage.ts";

const here = join(import.meta.dirname!, "planted_secrets");
const WORKER_SECRET = `planted-environment-${crypto.randomUUID()}`;
const ANSWER = `planted-answer-${crypto.randomUUID()}`;

async function onLeakyStage(
  use: (stage: Stage, plantedSecrets: PlantedSecrets, port: number) => Promise<void>,
): Promise<void> {
  const host = startHost(ANSWER);
  const { files, remove } = await testProject({
    functions: {
      enqueue: `import "file://${join(here, "leaking_enqueue.ts")}";`,
      worker: `import "file://${join(here, "leaking_worker.ts")}";`,
      "webhook-verify": `import "file://${join(here, "../../webhook-verify/index.ts")}";`,
    },
  });
  try {
    const planted = { workerSecret: WORKER_SECRET, answer: ANSWER };
    const env = {
      [WORKER_SECRET_NAME]: WORKER_SECRET,
      JOBFORGE_LOCAL_EGRESS: `127.0.0.1:${host.port}`,
    };
    await onStage(
      async (stage) => use(stage, { ...await plantSecrets(stage), ...planted }, host.port),
      env,
      {},
      { functions: files.functions },
    );
  } finally {
    await remove();
    await host.stop();
  }
}

Deno.test("no secret gets into a log, a table or an answer by any flow", (t) =>
  onLeakyStage(async (stage, plantedSecrets, port) => {
    const answers: Answer[] = [];
    for (const flow of [...flows, ...connectorFlows]) {
      await t.step(flow.name, async () => {
        await flow.run(await sceneOf(stage, plantedSecrets, flow.name, answers, port));
        assert.deepEqual(await search(stage, plantedSecrets, answers), []);
      });
    }
    await t.step("the flows did reach the places that are swept", async () => {
      const [row] = await stage.sql`
        select (select count(*)::int from public.jobforge_job_attempts) as attempts,
          (select count(*)::int from net._http_response) as calls,
          (select count(*)::int from public.jobforge_audit_log) as audit`;
      assert.ok(row!.attempts > 10 && row!.calls > 0 && row!.audit > 0, JSON.stringify(row));
      assert.ok(answers.length > 20 && stage.stack.logs("worker").length > 5);
    });
  }));

Deno.test("the sweep finds what was put into a log, a table or an answer", (t) =>
  onLeakyStage(async (stage, plantedSecrets) => {
    await t.step("an answer", async () => {
      const answers = [{ flow: "a test", text: `x${plantedSecrets.secretKey}` }];
      assert.deepEqual(await search(stage, plantedSecrets, answers), [
        "secretKey in an answer of: a test",
      ]);
    });
    await t.step("a log", async () => {
      const args = {
        p_tenant_id: ACME,
        p_type: "system.noop",
        p_run_at: plantedSecrets.refusedValue,
      };
      assert.equal((await stage.rpc("jobforge_enqueue_job", args)).status, 400);
      assert.deepEqual(await search(stage, plantedSecrets, []), ["refusedValue in log data-api"]);
    });
    await t.step("a table, also as bytes", async () => {
      await stage.sql`
        insert into jobforge.runs (state, created_at, ticket_hash, worker)
        values ('pending', now(), convert_to(${plantedSecrets.ticket}, 'UTF8'), ${plantedSecrets.claim})`;
      const found = await search(stage, plantedSecrets, []);
      assert.deepEqual(found.filter((each) => each.endsWith("in table jobforge.runs")), [
        "claim in table jobforge.runs",
        "ticket in table jobforge.runs",
      ]);
      await stage.sql`delete from jobforge.runs where worker = ${plantedSecrets.claim}`;
    });
    await t.step("the payload of a job is where it belongs", async () => {
      await stage.rpc("jobforge_enqueue_job", {
        ...{ p_tenant_id: ACME, p_type: "system.noop", p_payload: { a: plantedSecrets.payload } },
      });
      const found = await search(stage, plantedSecrets, []);
      assert.deepEqual(found.filter((each) => each.startsWith("payload")), []);
    });
  }));
