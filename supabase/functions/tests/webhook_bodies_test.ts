import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { testProject } from "../../../local/test/test_project.ts";
import { SENDERS, sendTwilioJson, type Sent } from "../../../shared/core/webhook/fake_senders.ts";
import type { SchemeName } from "../../../shared/core/webhook/scheme.ts";
import { ACME, eventually, GLOBEX, onStage, type Stage } from "./stage.ts";

const FIVE_MIB = 5 * 1024 * 1024;
const here = join(import.meta.dirname!);

async function onWebhookStage(use: (stage: Stage) => Promise<void>): Promise<void> {
  const { files, remove } = await testProject({
    functions: {
      enqueue: `import "file://${join(here, "../enqueue/index.ts")}";`,
      worker: `import "file://${join(here, "stored_webhooks/worker.ts")}";`,
      "webhook-verify": `import "file://${join(here, "../webhook-verify/index.ts")}";`,
    },
  });
  try {
    await onStage(use, {}, {}, { functions: files.functions });
  } finally {
    await remove();
  }
}

/** Makes a webhook endpoint and returns its ID. */
async function makeEndpoint(
  stage: Stage,
  scheme: SchemeName,
  { keepBody = false, name = scheme as string, tenant = ACME } = {},
): Promise<string> {
  const { secret, signature, url } = SENDERS[scheme];
  const stored = { p_tenant_id: tenant, p_name: name, p_value: secret };
  assert.equal((await stage.rpc("jobforge_set_secret", stored)).status, 200);
  const response = await stage.rpc("jobforge_configure_connector", {
    ...{ p_tenant_id: tenant, p_connector: "webhook-verify", p_name: name },
    p_config: {
      ...{ scheme, job_type: "webhook.received" },
      ...(keepBody ? { keep_body: true } : {}),
      ...(url ? { url } : {}),
      ...(signature ? { signature } : {}),
    },
    p_secret_refs: [`vault:${name}`],
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
}

async function send(stage: Stage, id: string, sent: Sent): Promise<[number, string]> {
  const { body, headers, query } = sent;
  const url = `${stage.stack.url}/functions/v1/webhook-verify/${id}${query ? `?${query}` : ""}`;
  const response = await fetch(url, { method: "POST", headers, body });
  return [response.status, await response.text()];
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

function signed(scheme: SchemeName, body: string): Sent {
  return SENDERS[scheme].send(SENDERS[scheme].secret, body, nowSeconds());
}

/** Waits for the result of an endpoint's only job. */
async function resultOf(stage: Stage, id: string): Promise<Record<string, unknown>> {
  return await eventually(`the job of ${id}`, async () => {
    const [row] = await stage.sql`
      select j.status, j.last_error, r.result from public.jobforge_received_webhooks as w
        join public.jobforge_jobs as j on j.id = w.job_id
        left join public.jobforge_job_results as r on r.job_id = j.id
      where w.config_id = ${id}`;
    if (row?.status === "succeeded") return row.result;
    assert.ok(!["failed", "dead"].includes(row?.status), JSON.stringify(row));
  });
}

function about(body: string, members: number) {
  const digest = createHash("sha256").update(body).digest("hex");
  return { bytes: new TextEncoder().encode(body).length, digest, members, attempt: 1 };
}

/** An event as a sender writes it: spaces, escapes, order and numbers that JSONB would change. */
function eventOf(scheme: SchemeName, length: number): { body: string; members: number } {
  if (scheme === "twilio") {
    const body = "From=%2B4934&Body=hi+there%21&MediaUrl=";
    return { body: body + "x".repeat(length - body.length), members: 3 };
  }
  const time = scheme === "linear" ? `"webhookTimestamp":${nowSeconds()}000,` : "";
  const head = `{\n  "z": 1.0,\n  "a": 12345678901234567890, ${time}"é": "\\u00e9\\/",\r\n "x": "`;
  const rest = length - new TextEncoder().encode(head).length - 3;
  return { body: `${head}${"x".repeat(rest)}"}\n`, members: time ? 5 : 4 };
}

const LARGE: SchemeName[] = [
  ...["stripe", "github", "shopify", "slack", "twilio", "linear", "paddle"] as const,
  ...["discord", "standard-webhooks", "custom"] as const,
];

async function largeEvents(t: Deno.TestContext, stage: Stage) {
  for (const scheme of LARGE) {
    await t.step(`${scheme}: an event of 5 MiB reaches the handler byte for byte`, async () => {
      const id = await makeEndpoint(stage, scheme);
      const { body, members } = eventOf(scheme, FIVE_MIB);
      const [status, text] = await send(stage, id, signed(scheme, body));
      assert.ok(status < 300, text);
      assert.deepEqual(await resultOf(stage, id), about(body, members));
    });
  }

  await t.step("twilio: JSON that is signed by its hash, too", async () => {
    const id = await makeEndpoint(stage, "twilio", { name: "twilio-json" });
    const body = JSON.stringify({ a: "x".repeat(FIVE_MIB - 8) });
    const [status] = await send(stage, id, sendTwilioJson(SENDERS.twilio.secret, body));
    assert.equal(status, 204);
    assert.deepEqual(await resultOf(stage, id), about(body, 1));
  });

  await t.step("a dense list of 200 kB is taken, and read as it was sent", async () => {
    const id = await makeEndpoint(stage, "github", { name: "dense" });
    const body = `[${"1,".repeat(100_000)}1]`;
    const [status, text] = await send(stage, id, signed("github", body));
    assert.equal(status, 202, text);
    assert.deepEqual(await resultOf(stage, id), about(body, 100_001));
  });

  await t.step("an endpoint that keeps bodies keeps a small one as it was sent", async () => {
    const id = await makeEndpoint(stage, "github", { name: "kept", keepBody: true });
    const { body, members } = eventOf("github", 200);
    await send(stage, id, signed("github", body));
    assert.deepEqual(await resultOf(stage, id), about(body, members));
  });
}

async function rules(t: Deno.TestContext, stage: Stage) {
  await t.step("a replay stores nothing again, also three at once", async () => {
    const id = await makeEndpoint(stage, "github", { name: "replayed" });
    const { body } = eventOf("github", 400_000);
    // Each large body takes one of four places.
    const send3 = () => Promise.all([1, 2, 3].map(() => send(stage, id, signed("github", body))));
    const answers = [await send3(), await send3(), await send3()].flat();
    assert.deepEqual(new Set(answers.map(([status]) => status)), new Set([202]));
    const [row] = await stage.sql`
      select count(*)::int as bodies from jobforge.webhook_bodies as b
        join public.jobforge_received_webhooks as w on w.job_id = b.job_id
      where w.config_id = ${id}`;
    assert.equal(row!.bodies, 1);
  });

  for (const length of [FIVE_MIB + 1, 25_000_000]) {
    await t.step(`${length} bytes are refused with a sentence, and leave nothing`, async () => {
      const id = await makeEndpoint(stage, "github", { name: `larger-${length}` });
      const [status, text] = await send(stage, id, signed("github", "x".repeat(length)));
      const { code, detail } = JSON.parse(text);
      assert.deepEqual([status, code, detail], [
        413,
        "payload_too_large",
        "a webhook must have at most 5242880 bytes (5 MiB): send less",
      ]);
      const [row] = await stage.sql`
        select count(*)::int as received from public.jobforge_received_webhooks
        where config_id = ${id}`;
      assert.equal(row!.received, 0);
    });
  }

  await t.step("an unsigned body of 5 MiB leaves nothing", async () => {
    const id = await makeEndpoint(stage, "github", { name: "unsigned" });
    const sent = SENDERS.github.send(SENDERS.github.otherSecret, "x".repeat(FIVE_MIB));
    assert.equal((await send(stage, id, sent))[0], 401);
  });

  await t.step("no user reads the table of bodies, and none calls its function", async () => {
    const headers = { ...await stage.user(ACME), "accept-profile": "jobforge" };
    const table = await fetch(`${stage.stack.url}/rest/v1/webhook_bodies`, { headers });
    assert.ok(table.status >= 400);
    await table.body?.cancel();
    const call = await fetch(`${stage.stack.url}/rest/v1/rpc/jobforge_read_webhook_body`, {
      method: "POST",
      headers: { ...await stage.user(ACME), "content-type": "application/json" },
      body: JSON.stringify({ p_run_id: 1, p_lease_token: 1, p_job_id: ACME }),
    });
    assert.equal(call.status, 403);
    await call.body?.cancel();
  });

  await t.step("the bodies of an erased tenant are gone, those of others stay", async () => {
    const theirs = await makeEndpoint(stage, "github", { name: "theirs", tenant: GLOBEX });
    await send(stage, theirs, signed("github", eventOf("github", 300_000).body));
    await resultOf(stage, theirs);
    await eventually("the erasure", async () => {
      const response = await stage.rpc("jobforge_erase_tenant", { p_tenant_id: GLOBEX });
      return (await response.json()).state === "finished" || undefined;
    });
    const rows = await stage.sql`
      select distinct tenant_id from jobforge.webhook_bodies order by tenant_id`;
    assert.deepEqual(rows.map(({ tenant_id }) => tenant_id), [ACME]);
  });
}

Deno.test("webhooks of up to 5 MiB", (t) =>
  onWebhookStage(async (stage) => {
    await largeEvents(t, stage);
    await rules(t, stage);
  }));
