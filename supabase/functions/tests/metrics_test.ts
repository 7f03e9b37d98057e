import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Webhook } from "standardwebhooks";
import { scrape } from "../../../shared/core/metrics/fake_prometheus.ts";
import { ACME, eventually, GLOBEX, onStage, type Stage } from "./stage.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const TRACE = "0af7651916cd43dd8448eb211c80319c";

async function rpc(stage: Stage, name: string, args: Record<string, unknown>): Promise<unknown> {
  const response = await stage.rpc(name, args);
  const text = await response.text();
  assert.ok(response.ok, text);
  return text === "" ? undefined : JSON.parse(text);
}

/** Rolls up metrics and evaluates alerts now. */
async function maintain(stage: Stage): Promise<void> {
  await stage.sql`update jobforge.roll_up_progress set alerts_evaluated_at = '-infinity'`;
  await stage.sql`select jobforge.roll_up(clock_timestamp())`;
  await stage.sql`select jobforge.evaluate_alerts(clock_timestamp())`;
}

/** A host on loopback that takes what it is sent. */
async function withReceiver(
  use: (port: number, received: { headers: Headers; body: string }[]) => Promise<void>,
): Promise<void> {
  const received: { headers: Headers; body: string }[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    received.push({ headers: request.headers, body: await request.text() });
    return new Response(null, { status: 204 });
  });
  try {
    await use(server.addr.port, received);
  } finally {
    await server.shutdown();
  }
}

async function failsOnce(stage: Stage, traceparent?: string): Promise<string> {
  const headers = { apikey: stage.stack.secretKey, ...(traceparent ? { traceparent } : {}) };
  const response = await stage.call("enqueue", headers, {
    ...{ tenant_id: ACME, type: "connector.http.request", payload: { url: "https://a.example" } },
  });
  assert.equal(response.status, 202);
  const { job_id } = await response.json();
  await eventually("its end", async () => {
    const [job] = await stage.sql`select status from public.jobforge_jobs where id = ${job_id}`;
    return job!.status === "failed" || undefined;
  });
  return job_id;
}

const logged = (stage: Stage, jobId: string) =>
  eventually("its log line", () => {
    const line = stage.stack.logs("worker").find((each) =>
      each.includes(jobId) && each.includes("job_unsuccessful")
    );
    return Promise.resolve(line === undefined ? undefined : /"trace_id":"(\w+)"/.exec(line)?.[1]);
  });

Deno.test("metrics, traces and alerts over HTTP", (t) =>
  withReceiver((port, received) => {
    const url = `http://127.0.0.1:${port}/alerts`;
    return onStage(async (stage) => {
      await t.step("a trace goes from the request into the job and its log", async () => {
        const jobId = await failsOnce(stage, `00-${TRACE}-b7ad6b7169203331-01`);
        assert.equal(await logged(stage, jobId), TRACE);
      });

      await t.step("a job without one gets its own", async () => {
        const jobs = stage.jobs();
        const job = await jobs.enqueueJob("connector.http.request", { url: "https://a.example" });
        await jobs.waitForJob(job, { timeoutMs: 60_000 });
        assert.match((await logged(stage, job.jobId))!, /^[0-9a-f]{32}$/);
      });

      await t.step("what ran is scraped", async () => {
        const jobs = stage.jobs(GLOBEX);
        for (let i = 0; i < 3; i++) {
          await jobs.waitForJob(await jobs.enqueueJob("system.noop", {}), { timeoutMs: 60_000 });
        }
        await maintain(stage);
        const response = await stage.call("worker/metrics", { apikey: stage.stack.secretKey });
        assert.equal(response.status, 200);
        assert.match(response.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
        const families = scrape(await response.text());
        const value = (name: string, labels: Record<string, string>) =>
          families.get(name)?.samples.find((sample) =>
            Object.entries(labels).every(([label, text]) => sample.labels[label] === text)
          )?.value;
        const noop = { type: "system.noop" };
        assert.equal(value("jobforge_jobs_ended_total", { ...noop, status: "succeeded" }), 3);
        const request = { type: "connector.http.request" };
        assert.equal(value("jobforge_jobs_ended_total", { ...request, status: "failed" }), 2);
        assert.equal(value("jobforge_attempt_duration_seconds", { ...noop, le: "+Inf" }), 3);
      });

      await t.step("only a secret key scrapes", async () => {
        for (
          const headers of [await stage.user(ACME), { apikey: stage.stack.publishableKey }, {}]
        ) {
          const response = await stage.call("worker/metrics", headers);
          assert.equal(response.status, 401, await response.text());
        }
      });

      await t.step(
        "refused webhooks open an alert, which sends a signed notification",
        async () => {
          await rpc(stage, "jobforge_set_secret", {
            ...{ p_tenant_id: GLOBEX, p_name: "ops", p_value: SECRET },
          });
          const connector = (name: string, more: Record<string, unknown>) =>
            rpc(stage, "jobforge_configure_connector", {
              ...{ p_tenant_id: GLOBEX, p_connector: name, p_name: "ops", p_enabled: true },
              ...{ p_secret_refs: ["vault:ops"], ...more },
            });
          await connector("connector.webhook.deliver", { p_config: { url } });
          const config = { scheme: "standard-webhooks", job_type: "system.noop" };
          const id = await connector("webhook-verify", { p_config: config });
          await rpc(stage, "jobforge_configure_alert", {
            p_rule: "delivery",
            p_settings: { tenant_id: GLOBEX, destination: "ops" },
          });
          const forged = {
            "webhook-id": "a",
            "webhook-timestamp": "1",
            "webhook-signature": "v1,a",
          };
          for (let i = 0; i < 25; i++) {
            const response = await stage.call(`webhook-verify/${id}`, forged, { i });
            assert.equal(response.status, 401, await response.text());
          }
          await eventually("the count", async () => {
            const [row] = await stage.sql`
            select sum(refused)::int as refused from jobforge.webhook_refusals`;
            return row!.refused === 25 || undefined;
          });
          await maintain(stage);
          const arrived = () => Promise.resolve(received.length > 0 || undefined);
          await eventually("the notification", arrived);
          const { body, headers } = received[0]!;
          new Webhook(SECRET).verify(body, Object.fromEntries(headers));
          const { data, type } = JSON.parse(body);
          assert.equal(type, "jobforge.alert.opened");
          assert.deepEqual([data.rule, data.tenant_id, data.value], [
            "signatures_refused",
            GLOBEX,
            25,
          ]);
        },
      );
    }, { JOBFORGE_LOCAL_EGRESS: `127.0.0.1:${port}` });
  }));
