import assert from "node:assert/strict";
import { join } from "node:path";
import { testProject } from "../../../local/test/test_project.ts";
import { ACME, eventually, GLOBEX, onStage, type Stage } from "./stage.ts";

const here = join(import.meta.dirname!, "hostile_handlers");

async function onHostileStage(use: (stage: Stage) => Promise<void>): Promise<void> {
  const { files, remove } = await testProject({
    functions: {
      enqueue: `import "file://${join(here, "enqueue.ts")}";`,
      worker: `import "file://${join(here, "worker.ts")}";`,
      "webhook-verify": `import "file://${join(here, "../../webhook-verify/index.ts")}";`,
    },
  });
  try {
    await onStage(use, {}, {}, { functions: files.functions });
  } finally {
    await remove();
  }
}

/** How each hostile job ends: its status and the code of its error. */
const ENDS: Record<string, [status: string, code?: string]> = {
  deep_result: ["failed", "result_too_deep"],
  huge_result: ["failed", "result_too_large"],
  repeated_result: ["failed", "result_too_large"],
  buffer_result: ["failed", "result_too_large"],
  escaped_result: ["failed", "result_too_large"],
  bigint_result: ["succeeded"],
  cyclic_result: ["failed", "invalid_result"],
  throwing_result: ["failed", "invalid_result"],
  revoked_result: ["failed", "invalid_result"],
  revoked_return: ["dead", "handler_error"],
  text_result: ["failed", "invalid_result"],
  long_number_result: ["failed", "result_too_large"],
  changed_result: ["succeeded"],
  throw_revoked: ["dead", "handler_error"],
  throw_null: ["dead", "handler_error"],
  throw_unreadable: ["dead", "handler_error"],
  throw_long: ["dead", "handler_error"],
  floating_rejection: ["succeeded"],
  floating_revoked: ["succeeded"],
  late_rejection: ["succeeded"],
  timer: ["succeeded"],
  timer_revoked: ["succeeded"],
  abort_revoked: ["dead", "timed_out"],
  stuck_after_throw: ["dead", "timed_out"],
  progress: ["succeeded"],
  log: ["succeeded"],
};

interface JobRow {
  id: string;
  tenant_id: string;
  how: string | null;
  status: string;
  attempts: number;
  code: string | null;
  message: string | null;
}

async function jobRows(stage: Stage): Promise<JobRow[]> {
  return await stage.sql<JobRow[]>`
    select id, tenant_id, payload ->> 'how' as how, status, attempts,
      last_error ->> 'code' as code, last_error ->> 'message' as message
    from public.jobforge_jobs order by id`;
}

Deno.test("no handler harms the jobs of another tenant", (t) =>
  onHostileStage(async (stage) => {
    const options = { max_attempts: 1, timeout_ms: 1_500 };
    const hostile = Object.keys(ENDS).map((how) => ({
      ...{ type: "hostile.job", payload: { how }, ...options },
    }));
    const peaceful = Array.from({ length: 100 }, () => ({ type: "system.noop", payload: {} }));
    const enqueue = (tenantId: string, jobs: unknown[]) =>
      stage.rpc("jobforge_enqueue_jobs", { p_tenant_id: tenantId, p_jobs: jobs });
    assert.equal((await enqueue(ACME, hostile)).status, 200);
    assert.equal((await enqueue(GLOBEX, peaceful)).status, 200);
    const rows = await eventually("the end of all jobs", async () => {
      const found = await jobRows(stage);
      const isOver = found.every(({ status }) => !["queued", "running"].includes(status));
      return isOver ? found : undefined;
    });

    await t.step("each hostile job ends by itself, with a clear code", () => {
      const ends = rows.filter(({ how }) => how).map(({ how, status, code }) => [
        how,
        code ? [status, code] : [status],
      ]);
      assert.deepEqual(Object.fromEntries(ends), ENDS);
    });

    await t.step("no other job lost an attempt", () => {
      const others = rows.filter(({ tenant_id }) => tenant_id === GLOBEX);
      assert.equal(others.length, 100);
      assert.deepEqual(
        others.filter(({ status, attempts }) => status !== "succeeded" || attempts !== 1),
        [],
      );
    });

    await t.step("the isolate lived on", () => {
      const runs = stage.stack.logs("worker").filter((line) => line.includes("run_finished"));
      assert.ok(!runs.some((line) => line.includes('"run_ended"')));
      assert.doesNotMatch(stage.stack.logs("worker").join("\n"), /Uncaught|error: /);
    });

    await t.step("a timeout names what was thrown before it", () => {
      const stuck = rows.find(({ how }) => how === "stuck_after_throw");
      assert.match(stuck!.message!, /it threw outside its promise: TypeError: planted/);
    });

    await t.step("uncaught errors are logged with their job, and without their message", () => {
      const lines = stage.stack.logs("worker").filter((line) => line.includes("uncaught_error"));
      const logged = lines.map((line) => JSON.parse(line));
      const idOf = (how: string) => rows.find((row) => row.how === how)!.id;
      for (const how of ["timer", "timer_revoked", "abort_revoked", "stuck_after_throw"]) {
        assert.ok(logged.some((line) => line.job_id === idOf(how) && line.values.certain), how);
      }
      const thrown = logged.find((line) => line.job_id === idOf("timer"));
      assert.equal(thrown.code, "TypeError");
      assert.match(thrown.message, /^at .*worker\.ts/);
      assert.equal(logged.length, 7);
      assert.doesNotMatch(stage.stack.logs("worker").join("\n"), /planted/);
    });

    await t.step("a result is stored as it is, or fails with its place", async () => {
      const rows = await stage.sql`
        select j.payload ->> 'how' as how, j.last_error ->> 'message' as message, r.result::text
        from public.jobforge_jobs as j
        left join public.jobforge_job_results as r on r.tenant_id = j.tenant_id and r.job_id = j.id
        where j.payload ->> 'how' in ('text_result', 'bigint_result') order by how`;
      assert.equal(rows[0]!.result, '{"n": 1}');
      assert.match(rows[1]!.message, /^the result cannot be stored: text has a NUL or half of a/);
    });
  }));
