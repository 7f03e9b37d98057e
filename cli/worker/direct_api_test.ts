import assert from "node:assert/strict";
import { connect, type Sql } from "../../local/postgres/database.ts";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import { keyHeaders } from "../../shared/core/http/credential.ts";
import { VERSION, versionProblem } from "../../shared/core/version.ts";
import { outcomeOfResult } from "../../shared/core/job/outcome.ts";
import { ReplyTooLargeError, type Report } from "../../shared/worker/ports.ts";
import { callRpc, replyOf, type RunApi } from "../../shared/adapters/data_api/data_api.ts";
import { openDataApi } from "../../shared/adapters/data_api/open_data_api.ts";
import { openRunQueue, startRun } from "../../shared/adapters/data_api/run_queue.ts";
import { type DirectApi, openDirectApi } from "../../shared/adapters/postgres/direct_api.ts";

const ACME = "11111111-1111-4111-8111-111111111111";
const CALL = { timeoutMs: 10_000 };
const EMPTY: Report = { outcomes: [], progress: [], limit: 0, maxBytes: 1_000_000 };
const START = { runId: null, ticket: null, worker: "test", capacity: 5, types: [] };

interface Place {
  stack: Stack;
  sql: Sql;
  /** A member of service_role without rights of its own. */
  url: string;
  direct: DirectApi;
  overHttp: RunApi;
}

async function onDatabase(use: (place: Place) => Promise<void>, prepare = true): Promise<void> {
  const stack = await startStack({ functions: [] });
  const sql = connect(stack.adminDbUrl);
  const role = `jobforge_direct_${crypto.randomUUID().slice(0, 8)}`;
  await sql.unsafe(`create role ${role} login noinherit password 'known'`);
  await sql.unsafe(`grant service_role to ${role}`);
  const url = Object.assign(new URL(stack.adminDbUrl), { username: role, password: "known" }).href;
  const direct = await openDirectApi({ databaseUrl: url, prepare });
  try {
    const headers = keyHeaders(stack.secretKey);
    const overHttp = openDataApi({ supabaseUrl: stack.url, headers });
    await use({ stack, sql, url, direct, overHttp });
  } finally {
    await direct.close();
    await sql.unsafe(
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`,
    );
    await sql.unsafe(`drop role ${role}`);
    await sql.end();
    await stack.stop();
  }
}

/** Everything that a run calls, with what each call returns but for ids and times. */
async function wholeRun(api: RunApi, sql: Sql): Promise<unknown[]> {
  await sql`delete from jobforge.ready`;
  const payloads = [{ text: "ü \\ \" '", list: [null, "5", 5, 0.1] }, { deep: { er: {} } }, {}];
  const jobs = payloads.map((payload) => ({ type: "a.b", payload }));
  await callRpc(api, "jobforge_enqueue_jobs", { p_tenant_id: ACME, p_jobs: jobs }, CALL);
  const queue = openRunQueue(api);
  const runId = await startRun(api, { ...START, kind: "container" });
  const claimed = await queue.settleAndClaim(runId, { ...EMPTY, limit: 3 });
  const [first, second] = claimed.jobs;
  const progress = [{ id: second!.id, progress: { text: '{"half":true}', bytes: 13 } as never }];
  const beat = await queue.heartbeat(runId, progress);
  const { tenant_id, id, lease_token } = first!;
  const result = outcomeOfResult({ text: "ü\0", big: 1e21, none: undefined });
  const settled = await queue.settleAndClaim(runId, {
    ...{ ...EMPTY, outcomes: [{ tenant_id, id, lease_token, ...result }] },
  });
  const [stored] = await sql`select result from jobforge_job_results where job_id = ${id}`;
  const [kept] = await sql`select progress from jobforge_jobs where id = ${second!.id}`;
  const released = await queue.releaseUnknown(runId, new Set([second!.id]));
  await queue.finish(runId, "shutdown", 7);
  const [run] =
    await sql`select state, kind, cpu_ms, claimed::int from jobforge.runs where id = ${runId}`;
  const plain = claimed.jobs.map(({ payload, type, attempt, max_attempts, timeout_ms }) => ({
    ...{ payload, type, attempt, max_attempts, timeout_ms },
  }));
  const { abort } = beat;
  const { bytes: _bytes, next_at: _next, ...rest } = settled;
  return [plain, Object.keys(first!).toSorted(), abort, rest, stored, kept, released, run];
}

for (const prepare of [true, false]) {
  Deno.test(`a run is the same over both ways, prepared: ${prepare}`, () =>
    onDatabase(async ({ sql, direct, overHttp }) => {
      assert.deepEqual(await wholeRun(direct, sql), await wholeRun(overHttp, sql));
    }, prepare));
}

Deno.test("a refusal is the same over both ways", () =>
  onDatabase(async ({ sql, url, direct, overHttp }) => {
    const refusals: [name: string, args: Record<string, unknown>][] = [
      ["jobforge_heartbeat", { p_run_id: 999 }],
      ["jobforge_start_run", { p_capacity: 0 }],
      ["jobforge_start_run", { p_run_id: 1, p_ticket: "x" }],
      ["jobforge_enqueue_job", { p_tenant_id: "no uuid", p_type: "a" }],
      ["jobforge_no_such_function", {}],
      ["jobforge_start_run", { p_no_such_argument: 1 }],
    ];
    for (const [name, args] of refusals) {
      const ends = await Promise.all(
        [direct, overHttp].map((api) =>
          callRpc(api, name, args, CALL).then(
            () => assert.fail(`${name} was accepted`),
            ({ code, message }) => ({ code, message }),
          )
        ),
      );
      assert.deepEqual(ends[0], ends[1], name);
    }
    // The schema of an earlier release does not know what this worker sends.
    await sql`alter function jobforge_start_run rename to jobforge_begin_run`;
    const earlier = await openDirectApi({ databaseUrl: url, prepare: true });
    try {
      const start = (api: RunApi) => startRun(api, { ...START, kind: "container" });
      for (const api of [earlier, overHttp]) {
        await assert.rejects(start(api), { code: "unavailable" }, "a cache that is not up to date");
      }
      await sql.unsafe(`create or replace function jobforge.schema_version() returns text
        language sql stable as $$ select '0.1.0' $$`);
      for (const api of [earlier, overHttp]) {
        await assert.rejects(start(api), {
          ...{ code: "version_mismatch", message: versionProblem("worker", VERSION, "0.1.0") },
        });
      }
    } finally {
      await earlier.close();
    }
  }));

Deno.test("a reply is measured, and one above its bound does not arrive", () =>
  onDatabase(async ({ sql, direct }) => {
    const payload = { text: "x".repeat(100_000) };
    await callRpc(direct, "jobforge_enqueue_job", {
      ...{ p_tenant_id: ACME, p_type: "a.b", p_payload: payload },
    }, CALL);
    const runId = await startRun(direct, { ...START, kind: "container" });
    const body = JSON.stringify({ p_run_id: runId, p_limit: 1, p_outcomes: [], p_progress: [] });
    await assert.rejects(
      replyOf(direct.postRpc("jobforge_settle_and_claim", body, 50_000), CALL),
      ReplyTooLargeError,
    );
    const [leased] = await sql`select count(*)::int as jobs from jobforge.leases`;
    assert.equal(leased!.jobs, 1, "as over the Data API, the database has leased it");
    const queue = openRunQueue(direct);
    assert.equal(await queue.releaseUnknown(runId, new Set()), 1);
    const { bytes, jobs } = await queue.settleAndClaim(runId, { ...EMPTY, limit: 1 });
    assert.ok(bytes! > 100_000 && jobs.length === 1);
  }));

Deno.test("a login that owns JobForge, or is no service, is rejected", () =>
  onDatabase(async ({ stack }) => {
    const other = Object.assign(new URL(stack.dbUrl), { username: "supabase_auth_admin" });
    const logins: [url: string, reason: RegExp][] = [
      [stack.dbUrl, /^DATABASE_URL logs in as postgres, .* create role jobforge_worker/],
      [stack.adminDbUrl, /^DATABASE_URL logs in as supabase_admin, /],
      [other.href, /^DATABASE_URL logs in as supabase_auth_admin, which is no member/],
    ];
    for (const [databaseUrl, message] of logins) {
      const opened = openDirectApi({ databaseUrl, prepare: true }).then((api) => api.close());
      await assert.rejects(opened, { code: "forbidden", message });
    }
  }));

Deno.test("the login has no rights outside of a call", () =>
  onDatabase(async ({ url, direct }) => {
    await startRun(direct, { ...START, kind: "container" });
    const login = connect(url);
    try {
      await assert.rejects(login`select jobforge_start_run()`, { code: "42501" });
      await assert.rejects(login`select from jobforge.jobs`, { code: "42501" });
    } finally {
      await login.end();
    }
  }));

Deno.test("a call ends within the time that its function is declared with", () =>
  onDatabase(async ({ stack, direct }) => {
    const other = connect(stack.adminDbUrl);
    const p_run_id = await startRun(direct, { ...START, kind: "container" });
    await other`begin`;
    await other`select from jobforge.runs for update`;
    // Two seconds. Without a limit it would wait for the other transaction.
    const { error } = await direct.rpc("jobforge_heartbeat", { p_run_id })
      .abortSignal(AbortSignal.timeout(8_000));
    assert.equal(error?.code, "57014", "canceled by the database");
    await other`rollback`;
    await other.end();
  }));

Deno.test("an aborted call is given up at once, and later calls work", () =>
  onDatabase(async ({ stack, direct }) => {
    const other = connect(stack.adminDbUrl);
    await startRun(direct, { ...START, kind: "container" });
    await other`begin`;
    await other`select from jobforge.run_starts for update`;
    const controller = new AbortController();
    const call = direct.rpc("jobforge_start_run", {}).abortSignal(controller.signal);
    setTimeout(() => controller.abort(), 100);
    assert.equal((await call).status, 0);
    await other`rollback`;
    await other.end();
    assert.ok(await startRun(direct, { ...START, kind: "container" }) > 0);
  }));

Deno.test("after its connections are cut a call is unavailable, or works on a new one", () =>
  onDatabase(async ({ sql, direct }) => {
    const runId = await startRun(direct, { ...START, kind: "container" });
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'jobforge_worker' and datname = current_database()`;
    const queue = openRunQueue(direct);
    const end = await queue.heartbeat(runId, []).catch(({ code }) => code);
    assert.ok(end === "unavailable" || Array.isArray(end.abort), String(end));
    assert.deepEqual((await queue.heartbeat(runId, [])).abort, []);
  }));
