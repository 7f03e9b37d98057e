import assert from "node:assert/strict";
import { SENDERS } from "../../../../shared/core/webhook/fake_senders.ts";
import { ACME } from "../stage.ts";
import type { Flow, Scene } from "./flows.ts";

/** Where the worker of the stage finds the secret it sends to other hosts. */
export const WORKER_SECRET_NAME = `JOBFORGE_SECRET_${ACME.replaceAll("-", "").toUpperCase()}_API`;

async function rpc({ stage }: Scene, name: string, args: Record<string, unknown>) {
  const response = await stage.rpc(name, { p_tenant_id: ACME, ...args });
  const text = await response.text();
  assert.ok(response.ok, text);
  return text === "" ? undefined : JSON.parse(text);
}

/** A host that answers every request with planted secrets. */
export function startHost(word: string): { port: number; stop(): Promise<void> } {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const status = new URL(request.url).pathname === "/fail" ? 500 : 200;
    return new Response(word, { status, headers: { "set-cookie": word, "x-answer": word } });
  });
  return { port: server.addr.port, stop: () => server.shutdown() };
}

async function request(scene: Scene, path: string): Promise<string> {
  const { plantedSecrets, port, stage } = scene;
  const jobs = stage.jobs();
  const job = await jobs.enqueueJob("connector.http.request", {
    url: `http://127.0.0.1:${port}${path}?token=${plantedSecrets.query}`,
    headers: { "x-tenant-key": plantedSecrets.header },
  }, { maxAttempts: 1 });
  return (await jobs.waitForJob(job, { timeoutMs: 60_000 })).status;
}

/** What connectors and webhooks do with secrets. */
export const connectorFlows: Flow[] = [
  {
    name: "a secret is stored, rotated and used by a webhook, signed well and badly",
    async run(scene) {
      const { call, plantedSecrets } = scene;
      const secret = { p_name: "hooks", p_value: plantedSecrets.signingSecret };
      await rpc(scene, "jobforge_set_secret", secret);
      await rpc(scene, "jobforge_rotate_secret", { ...secret, p_value: plantedSecrets.errorKey });
      const id = await rpc(scene, "jobforge_configure_connector", {
        ...{ p_connector: "webhook-verify", p_name: "hooks", p_secret_refs: ["vault:hooks"] },
        p_config: { scheme: "github", job_type: "system.noop" },
      });
      const sent = SENDERS.github.send(
        plantedSecrets.signingSecret,
        JSON.stringify({ event: plantedSecrets.payload }),
      );
      const good = await call(`webhook-verify/${id}`, { ...sent.headers }, String(sent.body));
      assert.equal(good.status, 202);
      const bad = await call(`webhook-verify/${id}`, { ...sent.headers }, plantedSecrets.payload);
      assert.equal(bad.status, 401);
      await rpc(scene, "jobforge_revoke_secret", { p_name: "hooks" });
    },
  },
  {
    name: "a job calls another host with a secret, which answers, fails, or is not listed",
    async run(scene) {
      await rpc(scene, "jobforge_configure_connector", {
        ...{ p_connector: "connector.http.request", p_name: "default", p_enabled: true },
        p_config: {
          ...{ hosts: ["127.0.0.1"], schemes: ["http"], ports: [scene.port] },
          ...{ methods: ["GET"], auth: { header: "authorization", prefix: "Bearer " } },
        },
        p_secret_refs: [`env:${WORKER_SECRET_NAME}`],
      });
      assert.equal(await request(scene, "/ok"), "succeeded");
      assert.equal(await request(scene, "/fail"), "dead");
      await rpc(scene, "jobforge_configure_connector", {
        ...{ p_connector: "connector.http.request", p_name: "default", p_enabled: true },
        p_config: { hosts: ["api.example.com"] },
      });
      assert.equal(await request(scene, "/ok"), "failed");
    },
  },
];
