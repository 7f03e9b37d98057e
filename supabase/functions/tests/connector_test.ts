import assert from "node:assert/strict";
import { ACME, eventually, GLOBEX, onStage, type Stage } from "./stage.ts";

/** What a host on loopback was asked. */
interface Asked {
  path: string;
  method: string;
  headers: Headers;
  body: string;
}

/** A host that returns what it received, is busy at `/overload` and redirects at `/moved`. */
async function withHost(use: (port: number, asked: Asked[]) => Promise<void>): Promise<void> {
  const asked: Asked[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname: path } = new URL(request.url);
    const { method, headers } = request;
    asked.push({ path, method, headers, body: await request.text() });
    if (path === "/overload") {
      return new Response("busy", { status: 503, headers: { "retry-after": "3600" } });
    }
    if (path === "/moved") return Response.redirect("http://10.0.0.1/", 302);
    const answer = { path, method, key: headers.get("authorization"), nul: "\0" };
    return Response.json(answer, { headers: { "set-cookie": "planted=1", etag: "e" } });
  });
  try {
    await use(server.addr.port, asked);
  } finally {
    await server.shutdown();
  }
}

async function configure(stage: Stage, tenantId: string, config: unknown, refs: string[] = []) {
  const response = await stage.rpc("jobforge_configure_connector", {
    p_tenant_id: tenantId,
    p_connector: "connector.http.request",
    p_name: "default",
    p_config: config,
    p_secret_refs: refs,
    p_enabled: true,
  });
  assert.equal(response.status, 200, await response.text());
}

const REF = `JOBFORGE_SECRET_${ACME.replaceAll("-", "").toUpperCase()}_API`;
const soon = { timeoutMs: 60_000 };

Deno.test("connector.http.request on a real database", (t) =>
  withHost(async (port, asked) => {
    const host = `http://127.0.0.1:${port}`;
    const env = { JOBFORGE_LOCAL_EGRESS: `127.0.0.1:${port}`, [REF]: "planted-secret-of-acme" };
    await onStage(async (stage) => {
      const jobs = stage.jobs();
      const config = {
        ...{ hosts: ["127.0.0.1", "10.0.0.1"], schemes: ["http"], ports: [port, 80] },
        ...{ methods: ["GET", "POST"], auth: { header: "authorization", prefix: "Bearer " } },
      };
      const type = "connector.http.request";

      await t.step("without a configuration nothing is sent", async () => {
        const job = await jobs.enqueueJob(type, { url: `${host}/early` });
        const { status, lastError } = await jobs.waitForJob(job, soon);
        assert.deepEqual([status, lastError?.code], ["failed", "connector_not_found"]);
        assert.deepEqual(asked, []);
      });

      await t.step("a configured host is called, and its answer is the result", async () => {
        await configure(stage, ACME, config, [`env:${REF}`]);
        const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        const request = { url: `${host}/orders`, method: "POST", body: { a: 1 } } as const;
        const job = await jobs.enqueueJob(type, request, { traceparent });
        const { status, result } = await jobs.waitForJob(job, soon);
        assert.deepEqual([status, result?.status], ["succeeded", 200]);
        assert.deepEqual(JSON.parse(result!.body), {
          ...{ path: "/orders", method: "POST", key: "Bearer **********************", nul: "\0" },
        });
        assert.equal(result?.headers["etag"], "e");
        const [call] = asked.splice(0);
        assert.equal(call?.body, '{"a":1}');
        assert.equal(call?.headers.get("authorization"), "Bearer planted-secret-of-acme");
        assert.equal(call?.headers.get("idempotency-key"), job.jobId);
        assert.equal(call?.headers.get("traceparent"), traceparent);
      });

      const refusals: [string, Record<string, unknown>, string][] = [
        ["a host that is not listed", { url: "http://example.com/" }, "egress_host_not_allowed"],
        ["a listed host that is private", { url: "http://10.0.0.1/" }, "egress_address_not_public"],
        ["the project itself", { url: `${stage.stack.url}/rest/v1/` }, "egress_port_not_allowed"],
        ["a host the job itself shut out", { url: host, allowlist: [] }, "egress_host_not_allowed"],
        [
          "a method that is not listed",
          { url: host, method: "DELETE" },
          "egress_method_not_allowed",
        ],
        [
          "a header that is not allowed",
          { url: host, headers: { Cookie: "a" } },
          "egress_header_not_allowed",
        ],
        ["a file", { url: "file:///etc/passwd" }, "egress_scheme_not_allowed"],
      ];
      for (const [what, payload, code] of refusals) {
        await t.step(`${what} is refused for good, by its rule`, async () => {
          const args = { p_tenant_id: ACME, p_type: type, p_payload: payload };
          const [made] = await (await stage.rpc("jobforge_enqueue_job", args)).json();
          const { status, attempts, lastError } = await jobs.waitForJob(made.job_id, soon);
          assert.deepEqual([status, attempts, lastError?.code], ["failed", 1, code]);
          assert.deepEqual(asked, []);
        });
      }

      await t.step("a redirect is not followed, and is an answer", async () => {
        const job = await jobs.enqueueJob(type, { url: `${host}/moved` });
        const { result } = await jobs.waitForJob(job, soon);
        assert.deepEqual([result?.status, result?.headers["location"]], [302, "http://10.0.0.1/"]);
        asked.splice(0);
      });

      await t.step("another tenant has its own configuration, and no other's secret", async () => {
        const globex = stage.jobs(GLOBEX);
        const { status, lastError } = await globex.waitForJob(
          await globex.enqueueJob(type, { url: `${host}/orders` }),
          soon,
        );
        assert.deepEqual([status, lastError?.code], ["failed", "connector_not_found"]);
        const refused = await stage.rpc("jobforge_configure_connector", {
          ...{ p_tenant_id: GLOBEX, p_connector: type, p_name: "default", p_config: config },
          ...{ p_secret_refs: [`env:${REF}`], p_enabled: true },
        });
        assert.equal(refused.status, 400);
        assert.deepEqual(asked, []);
      });

      await t.step("a host that asks for a pause is closed to the tenant's next job", async () => {
        const url = `${host}/overload`;
        const first = await jobs.enqueueJob(type, { url }, { maxAttempts: 1 });
        const dead = await jobs.waitForJob(first, soon);
        assert.deepEqual([dead.status, dead.lastError?.code], ["dead", "http_503"]);
        const [closed] = await stage.sql`
          select host, closed_until > now() + interval '50 minutes' as long
          from jobforge.closed_hosts where tenant_id = ${ACME}`;
        assert.deepEqual({ ...closed }, { host: "127.0.0.1", long: true });
      });

      await t.step("the next job is postponed until then, its only attempt unspent", async () => {
        asked.splice(0);
        const next = await jobs.enqueueJob(type, { url: `${host}/later` }, { maxAttempts: 1 });
        const waiting = await eventually("the job to be postponed", async () => {
          const row = await jobs.getJob(next);
          return row.lastError?.code === "host_closed" && row.status === "scheduled"
            ? row
            : undefined;
        });
        assert.ok(Date.parse(waiting.runAt) > Date.now() + 3_000_000);
        assert.deepEqual([waiting.attempts, asked], [0, []]);
        await stage.sql`delete from jobforge.closed_hosts where tenant_id = ${ACME}`;
        const now = { p_run_at: new Date().toISOString(), p_tenant_id: ACME };
        await stage.rpc("jobforge_reschedule_job", { p_job_id: next.jobId, ...now });
        const done = await jobs.waitForJob(next, soon);
        assert.deepEqual([done.status, done.attempts], ["succeeded", 1]);
        assert.deepEqual(asked.map(({ path }) => path), ["/later"]);
      });

      await t.step("no row and no log line holds the secret or a cookie", async () => {
        const rows = await stage.sql`
          select (select jsonb_agg(j) from public.jobforge_jobs as j) as jobs,
            (select jsonb_agg(r) from public.jobforge_job_results as r) as results,
            (select jsonb_agg(a) from public.jobforge_job_attempts as a) as attempts,
            (select jsonb_agg(l) from public.jobforge_audit_log as l) as audit`;
        const logs = stage.stack.logs("worker").join("\n");
        assert.doesNotMatch(JSON.stringify(rows) + logs, /planted/);
      });
    }, env);
  }));
