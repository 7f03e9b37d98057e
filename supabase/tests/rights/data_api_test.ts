import assert from "node:assert/strict";
import { connect, type Sql } from "../../../local/database.ts";
import { type Stack, startStack } from "../../../local/stack.ts";

const ACME = "11111111-1111-4111-8111-111111111111";
const GLOBEX = "22222222-2222-4222-8222-222222222222";
const TABLES = ["jobs", "queues", "job_attempts", "job_results", "audit_log"];
const OWN_JOBS = 3;

/** The Data API of a stack without functions, seen by a member of acme. */
interface Stage {
  stack: Stack;
  sql: Sql;
  member: Record<string, string>;
  /** A job of globex. */
  theirJob: string;
  call(path: string, init?: RequestInit & { as?: Record<string, string> }): Promise<Answer>;
}

interface Answer {
  status: number;
  text: string;
  headers: Headers;
}

async function onStage(use: (stage: Stage) => Promise<void>): Promise<void> {
  const stack = await startStack({ functions: [] });
  const sql = connect(stack.adminDbUrl);
  try {
    const theirJob = await fill(sql);
    const token = await stack.signUserToken({ tenantId: ACME });
    const member = { apikey: stack.publishableKey, authorization: `Bearer ${token}` };
    await use({ stack, sql, member, theirJob, call: callerOf(stack, member) });
  } finally {
    await sql.end();
    await stack.stop();
  }
}

function callerOf(stack: Stack, member: Record<string, string>): Stage["call"] {
  return async (path, { as = member, headers, ...init } = {}) => {
    const json = init.body ? { "content-type": "application/json" } : {};
    const response = await fetch(`${stack.url}/rest/v1/${path}`, {
      ...init,
      headers: { ...json, ...as, ...headers as Record<string, string> },
    });
    const answer = {
      status: response.status,
      text: await response.text(),
      headers: response.headers,
    };
    assert.ok(answer.status < 500, `${path}: ${answer.status} ${answer.text}`);
    assert.doesNotMatch(answer.text, /Failing row|PL\/pgSQL|\bat .+\.[jt]s:\d|sb_secret/);
    return answer;
  };
}

/** Jobs, results, attempts and audit records of both tenants; returns a job of globex. */
async function fill(sql: Sql): Promise<string> {
  for (const [tenant, count] of [[ACME, OWN_JOBS], [GLOBEX, 5]] as const) {
    const jobs = Array.from({ length: count }, () => ({ type: "test.job" }));
    await sql`select count(*) from public.jobforge_enqueue_jobs(${tenant}, ${sql.json(jobs)})`;
  }
  await sql`
    select jobforge_settle_and_claim(run_id, '[]', 2) from public.jobforge_start_run() as run`;
  await sql`
    insert into jobforge_job_results
    select tenant_id, id, to_jsonb(tenant_id), now() from jobforge_jobs`;
  await sql`
    insert into jobforge_job_attempts
    select tenant_id, id, 1, 1, now(), now(), 'errored' from jobforge_jobs`;
  await sql`
    insert into jobforge_audit_log (at, role, tenant_id, action)
    select now(), 'x', tenant_id, 'x' from jobforge_jobs`;
  const [row] = await sql`
    select id from jobforge_jobs where tenant_id = ${GLOBEX} and status = 'queued' limit 1`;
  return row!.id;
}

/** A number that changes with every row anybody could change. */
async function fingerprint(sql: Sql): Promise<string> {
  const [row] = await sql`
    select md5(concat(
      (select string_agg(j::text, '' order by id) from jobforge_jobs as j),
      (select string_agg(q::text, '' order by id) from jobforge_queues as q),
      (select string_agg(a::text, '' order by a::text) from jobforge_job_attempts as a),
      (select string_agg(r::text, '' order by r::text) from jobforge_job_results as r),
      (select string_agg(l::text, '' order by id) from jobforge_audit_log as l))) as md5`;
  return row!.md5;
}

const READS = [
  "select=*",
  `tenant_id=eq.${GLOBEX}`,
  `tenant_id=neq.${ACME}`,
  `tenant_id=in.(${ACME},${GLOBEX})`,
  `or=(tenant_id.eq.${GLOBEX},tenant_id.not.is.null)`,
  `or=(tenant_id.eq.${GLOBEX},and(tenant_id.eq.${ACME},tenant_id.neq.${ACME}))`,
  `not.or=(tenant_id.eq.${ACME})`,
  "select=*&order=tenant_id.desc&limit=1000000",
  "select=tenant_id&offset=-1",
  `select=*&tenant_id=eq.${GLOBEX}&tenant_id=eq.${ACME}`,
  ...TABLES.map((table) => `select=*,jobforge_${table}(*)`),
  "select=*,x:jobforge_queues!inner(*)",
  "select=count()",
  "select=tenant_id,count:tenant_id.count()",
  "select=current_setting('app.tenant_id')",
  "select=tenant_id::text",
];

Deno.test("nothing reaches another tenant over the Data API", (t) =>
  onStage(async (stage) => {
    const { call, member, sql, stack, theirJob } = stage;
    const before = await fingerprint(sql);

    for (const query of READS) {
      await t.step(`GET ?${query} shows nothing of another tenant`, async () => {
        for (const table of TABLES) {
          const { text } = await call(`jobforge_${table}?${query}`);
          assert.doesNotMatch(text, new RegExp(`${GLOBEX}|${theirJob}`), table);
        }
      });
    }

    const odd: Record<string, string>[] = [
      { range: "0-999999", "range-unit": "items" },
      { prefer: "count=exact" },
      { "x-tenant-id": GLOBEX, tenant_id: GLOBEX, "app.tenant_id": GLOBEX },
      { role: "service_role", "x-role": "service_role", "request.jwt.claims": "{}" },
      { prefer: "tx=commit, handling=lenient, timezone=UTC, max-affected=1000" },
      { "x-http-method-override": "DELETE", "x-method-override": "DELETE" },
      { cookie: `sb-access-token=${stack.secretKey}` },
    ];
    for (const headers of odd) {
      await t.step(`headers ${Object.keys(headers)} show nothing more`, async () => {
        const { text } = await call("jobforge_jobs?select=tenant_id", { headers });
        const tenants = JSON.parse(text).map((row: { tenant_id: string }) => row.tenant_id);
        assert.deepEqual(tenants, Array(OWN_JOBS).fill(ACME));
      });
    }

    await t.step("rows are counted as they are seen", async () => {
      for (const method of ["GET", "HEAD"]) {
        const headers = { prefer: "count=exact" };
        const answer = await call("jobforge_jobs?select=id", { method, headers });
        assert.match(answer.headers.get("content-range") ?? "", new RegExp(`/${OWN_JOBS}$`));
      }
    });

    await t.step("no plan is shown", async () => {
      const headers = { accept: "application/vnd.pgrst.plan+json; options=analyze|verbose" };
      const { text } = await call("jobforge_jobs", { headers });
      assert.doesNotMatch(text, /Seq Scan|Index Scan|Filter|"Plan/);
    });

    for (const schema of ["jobforge", "net", "cron", "vault", "auth", "pg_catalog", "*"]) {
      await t.step(`the schema ${schema} is not served`, async () => {
        for (const as of [member, { apikey: stack.secretKey }]) {
          for (const table of ["runs", "http_request_queue", "job", "secrets", "users"]) {
            const { status } = await call(table, { as, headers: { "accept-profile": schema } });
            assert.ok(status >= 400, `${table}: ${status}`);
          }
          const { status } = await call("rpc/http_post", {
            ...{ as, method: "POST", body: JSON.stringify({ url: "http://127.0.0.1:9/" }) },
            headers: { "content-profile": schema, "accept-profile": schema },
          });
          assert.ok(status >= 400, `http_post: ${status}`);
        }
      });
    }

    for (const path of ["runs", "jobforge.runs", "jobforge%2Eruns", "pg_authid", "rpc/claim"]) {
      await t.step(`${path} is not there`, async () => {
        for (const as of [member, { apikey: stack.secretKey }]) {
          assert.equal((await call(path, { as })).status, 404);
        }
      });
    }

    const prefers = ["", "tx=rollback", "tx=commit,return=representation"];
    for (const method of ["POST", "PATCH", "PUT", "DELETE"]) {
      await t.step(`${method} changes no table, whoever asks`, async () => {
        for (const as of [member, { apikey: stack.publishableKey }, { apikey: stack.secretKey }]) {
          for (const table of TABLES) {
            for (const prefer of [...prefers, "resolution=merge-duplicates"]) {
              const filter = `tenant_id=eq.${ACME}`;
              const body = JSON.stringify({ tenant_id: ACME });
              const answer = await call(`jobforge_${table}?${filter}`, {
                ...{ as, method, headers: { prefer } },
                ...(method === "DELETE" ? {} : { body }),
              });
              assert.ok([400, 401, 403, 404, 405].includes(answer.status), answer.text);
            }
          }
        }
        assert.equal(await fingerprint(sql), before);
      });
    }

    const calls: [string, Record<string, unknown>][] = [
      ["cancel_job", { p_job_id: theirJob }],
      ["cancel_job", { p_job_id: theirJob, p_tenant_id: GLOBEX }],
      ["retry_job", { p_job_id: theirJob }],
      ["reschedule_job", { p_job_id: theirJob, p_run_at: "2027-01-01T00:00:00Z" }],
      ["explain_job", { p_job_id: theirJob, p_tenant_id: ACME }],
      ["queue_stats", { p_tenant_id: GLOBEX }],
      ["enqueue_job", { p_type: "t", p_tenant_id: GLOBEX }],
      ["enqueue_job", { p_type: "t", p_status: "succeeded" }],
      ["enqueue_job", { p_type: "t", p_run_at: "infinity" }],
      ["enqueue_job", { p_type: "t", p_queue: "mine-alone" }],
      ["enqueue_jobs", { p_jobs: [{ type: "t", tenant_id: GLOBEX }] }],
      ["claim_jobs", { p_run_id: 1, p_limit: 10 }],
      ["configure_queue", { p_tenant_id: ACME, p_settings: { weight: 1000 } }],
      ["setup", { p_project_url: "https://evil.example.com" }],
      ["dispatch", {}],
    ];
    for (const [name, args] of calls) {
      await t.step(`${name} with ${Object.keys(args)} is refused`, async () => {
        for (const prefer of prefers) {
          const answer = await call(`rpc/jobforge_${name}`, {
            ...{ method: "POST", body: JSON.stringify(args), headers: { prefer } },
          });
          assert.ok([400, 403, 404].includes(answer.status), `${answer.status} ${answer.text}`);
          assert.doesNotMatch(answer.text, new RegExp(GLOBEX));
        }
        assert.equal(await fingerprint(sql), before);
      });
    }

    await t.step("no function changes anything by GET", async () => {
      for (const as of [member, { apikey: stack.secretKey }]) {
        for (
          const path of [
            `rpc/jobforge_enqueue_job?p_type=test.job&p_tenant_id=${ACME}`,
            `rpc/jobforge_cancel_job?p_job_id=${theirJob}&p_tenant_id=${GLOBEX}`,
            `rpc/jobforge_configure_queue?p_tenant_id=${ACME}`,
          ]
        ) {
          const { status } = await call(path, { as });
          assert.ok(status >= 400, `${path}: ${status}`);
        }
      }
      assert.equal(await fingerprint(sql), before);
    });

    await t.step("an answer of a function cannot be filtered into more", async () => {
      for (const query of [`tenant_id=eq.${GLOBEX}`, `or=(tenant_id.eq.${GLOBEX})`]) {
        const init = { method: "POST", body: "{}" };
        const { text } = await call(`rpc/jobforge_queue_stats?${query}`, init);
        assert.doesNotMatch(text, new RegExp(GLOBEX));
      }
    });

    await t.step("the publishable key alone reads and calls nothing", async () => {
      const as = { apikey: stack.publishableKey };
      for (const table of TABLES) {
        assert.ok([401, 403].includes((await call(`jobforge_${table}`, { as })).status), table);
      }
      for (const [name, args] of calls) {
        const init = { as, method: "POST", body: JSON.stringify(args) };
        const { status } = await call(`rpc/jobforge_${name}`, init);
        assert.ok([401, 403, 404].includes(status), `${name}: ${status}`);
      }
    });

    await t.step("a token nobody signed is refused", async () => {
      const part = (value: unknown) =>
        btoa(JSON.stringify(value)).replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
      const claims = part({ role: "service_role", exp: 4_000_000_000 });
      const [header, body, signature] = member.authorization!.slice("Bearer ".length).split(".");
      for (
        const token of [
          `${part({ alg: "none", typ: "JWT" })}.${claims}.`,
          `${part({ alg: "None" })}.${claims}.${signature}`,
          `${header}.${claims}.${signature}`,
          `${header}.${body}.${signature!.slice(1)}`,
          `${header}.${body}.`,
        ]
      ) {
        const as = { apikey: stack.publishableKey, authorization: `Bearer ${token}` };
        assert.equal((await call("jobforge_jobs", { as })).status, 401, token);
      }
    });

    assert.equal(await fingerprint(sql), before);
  }));
