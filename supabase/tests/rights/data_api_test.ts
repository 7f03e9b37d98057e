import assert from "node:assert/strict";
import {
  ACME,
  fingerprint,
  GLOBEX,
  onStage,
  OWN_JOBS,
  type Stage,
  TABLES,
} from "./data_api_stage.ts";

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

const PREFERS = ["", "tx=rollback", "tx=commit,return=representation"];

/** Calls a member of acme must not get through with. */
const forbiddenCalls = (theirJob: string): [string, Record<string, unknown>][] => [
  ["cancel_job", { p_job_id: theirJob }],
  ["cancel_job", { p_job_id: theirJob, p_tenant_id: GLOBEX }],
  ["retry_job", { p_job_id: theirJob }],
  ["reschedule_job", { p_job_id: theirJob, p_run_at: "2027-01-01T00:00:00Z" }],
  ["explain_job", { p_job_id: theirJob, p_tenant_id: ACME }],
  ["get_job", { p_job_id: theirJob, p_tenant_id: ACME }],
  ["list_queues", { p_tenant_id: GLOBEX }],
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

type Test = (t: Deno.TestContext, stage: Stage) => Promise<void>;

const reading: Test = async (t, { call, stack, theirJob }) => {
  for (const query of READS) {
    await t.step(`GET ?${query} shows nothing of another tenant`, async () => {
      for (const table of TABLES) {
        const { text } = await call(`jobforge_${table}?${query}`);
        assert.doesNotMatch(text, new RegExp(`${GLOBEX}|${theirJob}`), table);
      }
    });
  }
  const invalid: Record<string, string>[] = [
    { range: "0-999999", "range-unit": "items" },
    { prefer: "count=exact" },
    { "x-tenant-id": GLOBEX, tenant_id: GLOBEX, "app.tenant_id": GLOBEX },
    { role: "service_role", "x-role": "service_role", "request.jwt.claims": "{}" },
    { prefer: "tx=commit, handling=lenient, timezone=UTC, max-affected=1000" },
    { "x-http-method-override": "DELETE", "x-method-override": "DELETE" },
    { cookie: `sb-access-token=${stack.secretKey}` },
  ];
  for (const headers of invalid) {
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
};

const otherSchemas: Test = async (t, { call, member, stack }) => {
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
};

const writing: Test = async (t, { call, member, sql, stack }) => {
  const before = await fingerprint(sql);
  for (const method of ["POST", "PATCH", "PUT", "DELETE"]) {
    await t.step(`${method} changes no table, with any credential`, async () => {
      for (const as of [member, { apikey: stack.publishableKey }, { apikey: stack.secretKey }]) {
        for (const table of TABLES) {
          for (const prefer of [...PREFERS, "resolution=merge-duplicates"]) {
            const filter = `tenant_id=eq.${ACME}`;
            const body = JSON.stringify({ tenant_id: ACME });
            const answer = await call(`jobforge_${table}?${filter}`, {
              ...{ as, method, headers: { prefer } },
              ...(method === "DELETE" ? {} : { body }),
            });
            assert.ok([400, 401, 403, 404, 405, 500].includes(answer.status), answer.text);
          }
        }
      }
      assert.equal(await fingerprint(sql), before);
    });
  }
};

const calling: Test = async (t, { call, member, sql, stack, theirJob }) => {
  const before = await fingerprint(sql);
  for (const [name, args] of forbiddenCalls(theirJob)) {
    await t.step(`${name} with ${Object.keys(args)} is refused`, async () => {
      for (const prefer of PREFERS) {
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
      const { text } = await call(`rpc/jobforge_list_queues?${query}`, init);
      assert.doesNotMatch(text, new RegExp(GLOBEX));
    }
  });
};

const credentials: Test = async (t, { call, member, stack, theirJob }) => {
  await t.step("the publishable key alone reads and calls nothing", async () => {
    const as = { apikey: stack.publishableKey };
    for (const table of TABLES) {
      assert.ok([401, 403].includes((await call(`jobforge_${table}`, { as })).status), table);
    }
    for (const [name, args] of forbiddenCalls(theirJob)) {
      const init = { as, method: "POST", body: JSON.stringify(args) };
      const { status } = await call(`rpc/jobforge_${name}`, init);
      assert.ok([401, 403, 404].includes(status), `${name}: ${status}`);
    }
  });
  await t.step("a token without a valid signature is refused", async () => {
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
};

Deno.test("nothing reaches another tenant over the Data API", (t) =>
  onStage(async (stage) => {
    const before = await fingerprint(stage.sql);
    for (const test of [reading, otherSchemas, writing, calling, credentials]) {
      await test(t, stage);
    }
    assert.equal(await fingerprint(stage.sql), before);
  }));
