import assert from "node:assert/strict";
import { ACME, GLOBEX, onStage, type Stage } from "./data_api_stage.ts";

/** A filter that Postgres evaluates for longer than any timeout, after the function has done its work. */
const SLOW = `match.${encodeURIComponent(`^(.+)${"(.*)".repeat(80)}\\1$`)}`;
/** Long after the timeout of each function, and before that of the roles of this test. */
const GIVE_UP_MS = 40_000;

const CALLS = [
  ["jobforge_enqueue_job", { p_type: "test.slow" }],
  ["jobforge_enqueue_jobs", { p_jobs: [{ type: "test.slow" }] }],
] as const;

async function slowCall({ stack, member }: Stage, name: string, body: unknown): Promise<string> {
  const response = await fetch(`${stack.url}/rest/v1/rpc/${name}?status=${SLOW}`, {
    method: "POST",
    headers: { ...member, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return `${response.status} ${await response.text()}`;
}

function withinReason<T>(promise: Promise<T>): Promise<T | "still running"> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<"still running">((resolve) => {
    timer = setTimeout(() => resolve("still running"), GIVE_UP_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

Deno.test("a slow filter ends with the timeout of its function, and other tenants go on", () =>
  onStage(async (stage) => {
    const { sql, stack } = stage;
    for (const role of ["authenticator", "authenticated", "anon"]) {
      await sql.unsafe(`alter role ${role} set statement_timeout = '10min'`);
    }
    const service = { apikey: stack.secretKey };
    for (const [name, body] of CALLS) {
      const slow = slowCall(stage, name, body);
      const { status } = await stage.call("rpc/jobforge_enqueue_job", {
        method: "POST",
        as: service,
        body: JSON.stringify({ p_tenant_id: GLOBEX, p_type: "test.other" }),
      });
      assert.equal(status, 200);
      assert.match(await withinReason(slow), /^500 .*canceling statement due to statement timeout/);
    }
    const [kept] = await sql`
      select count(*) filter (where type = 'test.slow' and tenant_id = ${ACME})::int as slow,
        count(*) filter (where type = 'test.other' and tenant_id = ${GLOBEX})::int as other
      from jobforge_jobs`;
    assert.deepEqual({ ...kept }, { slow: 0, other: CALLS.length });
  }));
