import assert from "node:assert/strict";
import { SENDERS, type Sent } from "../../../shared/core/webhook/fake_senders.ts";
import type { SchemeName } from "../../../shared/core/webhook/scheme.ts";
import { ACME, eventually, GLOBEX, onStage, type Stage } from "./stage.ts";

const { github, jobforge, stripe } = SENDERS;
const ENV_NAME = `JOBFORGE_SECRET_${GLOBEX.replaceAll("-", "").toUpperCase()}_HOOKS`;

async function rpc(stage: Stage, name: string, args: Record<string, unknown>): Promise<unknown> {
  const response = await stage.rpc(name, args);
  const text = await response.text();
  assert.ok(response.ok, text);
  return text === "" ? undefined : JSON.parse(text);
}

/** Stores a secret and configures an endpoint that uses it. Returns the endpoint's id. */
async function makeEndpoint(
  stage: Stage,
  scheme: SchemeName,
  options: { name?: string; tenant?: string; secret?: string; refs?: string[] } = {},
): Promise<string> {
  const { name = scheme, tenant = ACME, secret = SENDERS[scheme].secret, refs } = options;
  if (!refs) {
    await rpc(stage, "jobforge_set_secret", {
      p_tenant_id: tenant,
      p_name: name,
      p_value: secret,
    });
  }
  return await configure(stage, scheme, tenant, name, refs ?? [`vault:${name}`], true);
}

async function configure(
  stage: Stage,
  scheme: SchemeName,
  tenant: string,
  name: string,
  refs: string[],
  enabled: boolean,
): Promise<string> {
  return await rpc(stage, "jobforge_configure_connector", {
    p_tenant_id: tenant,
    p_connector: "webhook-verify",
    p_name: name,
    p_config: { scheme, job_type: "system.noop" },
    p_secret_refs: refs,
    p_enabled: enabled,
  }) as string;
}

function send(stage: Stage, id: string, sent: Sent): Promise<Response> {
  const { body, headers } = sent;
  const url = `${stage.stack.url}/functions/v1/webhook-verify/${id}`;
  return fetch(url, { method: "POST", headers, body });
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

async function accepted(response: Response): Promise<{ job_id: string; duplicate: boolean }> {
  const text = await response.text();
  assert.equal(response.status, 202, text);
  return JSON.parse(text);
}

async function refusal(response: Response): Promise<string> {
  assert.equal(response.status, 401);
  return await response.text();
}

async function payloadOf(stage: Stage, jobId: string): Promise<Record<string, unknown>> {
  const [row] = await stage.sql`select payload from public.jobforge_jobs where id = ${jobId}`;
  return row!.payload;
}

Deno.test("webhook-verify over HTTP on a real database", (t) =>
  onStage(
    async (stage) => {
      await t.step("a signed event of Stripe becomes one job, and it runs", async () => {
        const id = await makeEndpoint(stage, "stripe");
        const sent = stripe.send(stripe.secret, stripe.sample, nowSeconds());
        const first = await accepted(await send(stage, id, sent));
        const later = stripe.send(stripe.secret, stripe.sample, nowSeconds() - 20);
        const again = await accepted(await send(stage, id, later));
        assert.deepEqual(again, { job_id: first.job_id, duplicate: true });
        const { payload } = await eventually("the job to succeed", async () => {
          const [job] = await stage.sql`
            select payload from public.jobforge_jobs
            where tenant_id = ${ACME} and id = ${first.job_id} and status = 'succeeded'`;
          return job;
        });
        assert.deepEqual(payload, {
          endpoint: "stripe",
          scheme: "stripe",
          id: "evt_1Pabc",
          headers: { "content-type": "application/json" },
          body: JSON.parse(stripe.sample),
        });
      });

      await t.step("one of GitHub too, with any delivery id", async () => {
        const id = await makeEndpoint(stage, "github");
        const sent = github.send(github.secret, github.sample);
        const first = await accepted(await send(stage, id, sent));
        sent.headers["x-github-delivery"] = crypto.randomUUID();
        const again = await accepted(await send(stage, id, sent));
        assert.deepEqual(again, { job_id: first.job_id, duplicate: true });
      });

      await t.step("100 copies at once are one job", async () => {
        const id = await makeEndpoint(stage, "jobforge");
        const sent = jobforge.send(jobforge.secret, '{"order":"A-18"}', nowSeconds());
        const replies = await Promise.all(
          Array.from({ length: 100 }, async () => accepted(await send(stage, id, sent))),
        );
        assert.equal(new Set(replies.map((reply) => reply.job_id)).size, 1);
        assert.equal(replies.filter((reply) => !reply.duplicate).length, 1);
        const [row] = await stage.sql`
          select count(*)::int as jobs from public.jobforge_jobs
          where payload ->> 'endpoint' = 'jobforge'`;
        assert.equal(row!.jobs, 1);
      });

      await t.step("two endpoints do not take each other's events", async () => {
        const mine = await makeEndpoint(stage, "stripe", { name: "mine" });
        const theirs = await makeEndpoint(stage, "stripe", {
          name: "theirs",
          tenant: GLOBEX,
          secret: stripe.otherSecret,
        });
        const sent = stripe.send(stripe.secret, '{"id":"evt_swapped"}', nowSeconds());
        await refusal(await send(stage, theirs, sent));
        await accepted(await send(stage, mine, sent));
      });

      await t.step("a secret that is rotated counts as long as the overlap lasts", async () => {
        const id = await makeEndpoint(stage, "jobforge", { name: "rotated" });
        const secrets = { p_tenant_id: ACME, p_name: "rotated" };
        const event = (secret: string, order: number) =>
          jobforge.send(secret, JSON.stringify({ order }), nowSeconds());
        await refusal(await send(stage, id, event(jobforge.otherSecret, 1)));
        await rpc(stage, "jobforge_rotate_secret", { ...secrets, p_value: jobforge.otherSecret });
        await accepted(await send(stage, id, event(jobforge.secret, 2)));
        await accepted(await send(stage, id, event(jobforge.otherSecret, 3)));
        await rpc(stage, "jobforge_revoke_secret", { ...secrets, p_version: 1 });
        await refusal(await send(stage, id, event(jobforge.secret, 4)));
        await accepted(await send(stage, id, event(jobforge.otherSecret, 5)));
      });

      await t.step("unknown, disabled, forged and old requests get one answer", async () => {
        const id = await makeEndpoint(stage, "stripe", { name: "closed" });
        const event = (seconds = nowSeconds()) => stripe.send(stripe.secret, '{"a":1}', seconds);
        const forged = stripe.send(stripe.otherSecret, '{"a":1}', nowSeconds());
        const answers = [
          await refusal(await send(stage, crypto.randomUUID(), event())),
          await refusal(await send(stage, id, forged)),
          await refusal(await send(stage, id, event(nowSeconds() - 400))),
        ];
        await configure(stage, "stripe", ACME, "closed", ["vault:closed"], false);
        answers.push(await refusal(await send(stage, id, event())));
        assert.equal(new Set(answers).size, 1);
      });

      await t.step("a secret of the environment counts for the tenant in its name", async () => {
        const id = await makeEndpoint(stage, "github", {
          tenant: GLOBEX,
          refs: [`env:${ENV_NAME}`],
        });
        const sent = github.send("secret of the environment", "{}");
        await accepted(await send(stage, id, sent));
      });

      await t.step("without its secret in the environment an endpoint refuses all", async () => {
        const id = await makeEndpoint(stage, "github", {
          name: "missing",
          tenant: GLOBEX,
          refs: [`env:${ENV_NAME}_2`],
        });
        await refusal(await send(stage, id, github.send("", "{}")));
        const log = stage.stack.logs("webhook-verify").join("\n");
        assert.match(log, /webhook_secrets_missing/);
      });

      await t.step("what a job cannot hold as JSON comes as text", async () => {
        const id = await makeEndpoint(stage, "github", { name: "texts" });
        const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
        for (const body of [nested(31), nested(32), '{"a":"\\u0000"}', "no JSON"]) {
          const { job_id } = await accepted(
            await send(stage, id, github.send(github.secret, body)),
          );
          const payload = await payloadOf(stage, job_id);
          const asJson = body === nested(31);
          assert.deepEqual(asJson ? payload.body : payload.text, asJson ? JSON.parse(body) : body);
        }
      });

      await t.step("no secret and no signature is in a table or in the log", async () => {
        const [dump] = await stage.sql`
          select concat(
            (select json_agg(j) from public.jobforge_jobs as j),
            (select json_agg(r) from public.jobforge_received_webhooks as r),
            (select json_agg(a) from public.jobforge_audit_log as a),
            (select json_agg(c) from public.jobforge_connector_configs as c),
            (select json_agg(s) from jobforge.secrets as s)) as text`;
        const text = dump!.text + stage.stack.logs("webhook-verify").join("\n");
        assert.match(text, /webhook_received/);
        for (const { otherSecret, secret } of [stripe, github, jobforge]) {
          for (const each of [secret, otherSecret]) assert.ok(!text.includes(each));
        }
        assert.doesNotMatch(text, /v1=|sha256=|secret of the environment/);
      });
    },
    {},
    { [ENV_NAME]: "secret of the environment" },
  ));
