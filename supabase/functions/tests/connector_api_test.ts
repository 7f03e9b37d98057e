import assert from "node:assert/strict";
import { ACME, GLOBEX, onStage, type Stage } from "./stage.ts";

const ENV_REF = `env:JOBFORGE_SECRET_${ACME.replaceAll("-", "")}_HOOK`;

const QUERIES_FOR_REFERENCES = [
  "select=*",
  "select=secret_refs",
  "select=refs:secret_refs",
  "select=id&secret_refs=cs.{vault:hook}",
  "select=id&order=secret_refs",
];

function callsOfServices(id: unknown): [string, Record<string, unknown>][] {
  const connector = { p_tenant_id: ACME, p_connector: "webhook-verify" };
  return [
    ["jobforge_open_connector", { ...connector, p_name: "default" }],
    ["jobforge_webhook_endpoint", { p_id: id }],
    ["jobforge_receive_webhook", { p_id: id, p_replay_key: "evt_2", p_payload: {} }],
    ["jobforge_configure_connector", connector],
  ];
}

async function rpc(stage: Stage, name: string, args: Record<string, unknown>): Promise<unknown> {
  const response = await stage.rpc(name, args);
  const text = await response.text();
  assert.ok(response.ok, text);
  return text === "" ? undefined : JSON.parse(text);
}

/** What a user reads below /rest/v1, as status and text. */
async function read(stage: Stage, tenantId: string, path: string): Promise<[number, string]> {
  const headers = await stage.user(tenantId);
  const response = await fetch(`${stage.stack.url}/rest/v1/${path}`, { headers });
  return [response.status, await response.text()];
}

Deno.test("connectors, secrets and received webhooks over the Data API", async (t) => {
  await onStage(async (stage) => {
    const user = await stage.user(ACME);
    const asUser = (name: string, args: Record<string, unknown>) =>
      fetch(`${stage.stack.url}/rest/v1/rpc/${name}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...user },
        body: JSON.stringify(args),
      });
    let id: unknown;

    await t.step("a user stores a secret and gets no value back", async () => {
      const response = await asUser("jobforge_set_secret", {
        p_name: "hook",
        p_value: "whsec_a_of_acme_01",
      });
      assert.deepEqual(await response.json(), [{ name: "hook", version: 1, expires_at: null }]);
    });

    await t.step("an operator configures an endpoint, a worker gets its secrets", async () => {
      id = await rpc(stage, "jobforge_configure_connector", {
        p_tenant_id: ACME,
        p_connector: "webhook-verify",
        p_config: { scheme: "stripe", job_type: "stripe.event" },
        p_secret_refs: ["vault:hook", ENV_REF],
      });
      const endpoint = await rpc(stage, "jobforge_webhook_endpoint", { p_id: id }) as {
        secrets: unknown;
      };
      assert.deepEqual(endpoint.secrets, [{ value: "whsec_a_of_acme_01" }, { ref: ENV_REF }]);
    });

    await t.step("a webhook becomes one job, and the user sees both", async () => {
      const webhook = { p_id: id, p_replay_key: "evt_1", p_payload: { body: "{}" } };
      const first = await rpc(stage, "jobforge_receive_webhook", webhook) as { job_id: string };
      assert.deepEqual(await rpc(stage, "jobforge_receive_webhook", webhook), {
        job_id: first.job_id,
        duplicate: true,
      });
      const [, received] = await read(stage, ACME, "jobforge_received_webhooks?select=job_id");
      assert.deepEqual(JSON.parse(received), [{ job_id: first.job_id }]);
    });

    await t.step("a user reads the configuration, by any way but its references", async () => {
      const [status, text] = await read(
        stage,
        ACME,
        "jobforge_connector_configs?select=connector,name,config,enabled",
      );
      assert.equal(status, 200);
      assert.equal(JSON.parse(text).length, 1);
      for (const query of QUERIES_FOR_REFERENCES) {
        const [status, text] = await read(stage, ACME, `jobforge_connector_configs?${query}`);
        assert.equal(status, 403, query);
        assert.doesNotMatch(text, /vault:|JOBFORGE_SECRET|whsec/, query);
      }
    });

    await t.step("another tenant's user sees nothing of it", async () => {
      for (
        const path of [
          "jobforge_connector_configs?select=id",
          "jobforge_received_webhooks?select=*",
        ]
      ) {
        assert.deepEqual(await read(stage, GLOBEX, path), [200, "[]"], path);
      }
    });

    await t.step("a user may not open, verify, receive or configure", async () => {
      for (const [name, args] of callsOfServices(id)) {
        const response = await asUser(name, args);
        assert.equal(response.status, 403, name);
        assert.doesNotMatch(await response.text(), /whsec/, name);
      }
    });
  });
});
