import { createHmac, randomBytes } from "node:crypto";
import { DEMO_TENANTS } from "../../local/dev/tenants.ts";
import type { Stack } from "../../local/stack/stack.ts";
import { userJobForge } from "./enqueue.ts";
import type { Outside } from "./outside.ts";

const TENANT = DEMO_TENANTS.acme;
const INCOMING_SECRET = `whsec_${randomBytes(24).toString("hex")}`;
const EVENTS = 3;

/** Webhooks out, HTTP calls, webhooks in. Throws when one of them does not end as it should. */
export async function showConnectors(
  stack: Stack,
  outside: Outside,
  webhookSecret: string,
): Promise<void> {
  console.log("\nacme calls out, and others call in\n");
  await deliverWebhooks(stack, outside, webhookSecret);
  await callOut(stack, outside);
  await takeWebhooksIn(stack);
}

async function deliverWebhooks(stack: Stack, outside: Outside, secret: string): Promise<void> {
  await rpc(stack, "jobforge_set_secret", { p_name: "receiver", p_value: secret });
  const config = { url: `${outside.url}/webhooks` };
  await configure(stack, "connector.webhook.deliver", "default", config, ["vault:receiver"]);
  const acme = await userJobForge(stack, TENANT);
  const jobs = await Promise.all(
    Array.from({ length: EVENTS }, (_, index) =>
      acme.enqueueJob("connector.webhook.deliver", {
        event_type: "invoice.paid",
        data: { number: `A-${index + 1}` },
      })),
  );
  for (const job of jobs) await acme.waitForJob(job);
  const { events, refused } = outside.received;
  if (events.length !== EVENTS || refused > 0) throw new Error("a webhook was not accepted");
  console.log(`  out   ${EVENTS} signed webhooks, accepted by a receiver that verifies them`);
}

async function callOut(stack: Stack, outside: Outside): Promise<void> {
  const { hostname, port } = new URL(outside.url);
  const config = {
    hosts: [hostname, "169.254.169.254"],
    schemes: ["http"],
    ports: [Number(port), 80],
  };
  await configure(stack, "connector.http.request", "default", config, []);
  const acme = await userJobForge(stack, TENANT);
  const call = async (url: string) => {
    const { lastError, result } = await acme.waitForJob(
      await acme.enqueueJob("connector.http.request", { url }),
    );
    return result ? `${result.status} ${result.body}` : lastError?.code;
  };
  const rates = await call(`${outside.url}/rates`);
  const metadata = await call("http://169.254.169.254/latest/meta-data/");
  console.log(`  call  GET /rates of a configured host: ${rates}`);
  console.log(`  call  GET http://169.254.169.254/, although configured: ${metadata}`);
  if (!rates?.startsWith("200 ")) throw new Error("the configured host was not called");
  if (!metadata?.startsWith("egress_")) throw new Error("a metadata address was called");
}

async function takeWebhooksIn(stack: Stack): Promise<void> {
  await rpc(stack, "jobforge_set_secret", { p_name: "incoming", p_value: INCOMING_SECRET });
  const stripe = JSON.stringify({ id: "evt_1", type: "invoice.paid", data: {} });
  const now = Math.floor(Date.now() / 1000);
  await takeIn(stack, "stripe", stripe, {
    "stripe-signature": `t=${now},v1=${hmac(`${now}.${stripe}`)}`,
  });
  const github = JSON.stringify({ ref: "refs/heads/main" });
  await takeIn(stack, "github", github, {
    "x-github-event": "push",
    "x-github-delivery": crypto.randomUUID(),
    "x-hub-signature-256": `sha256=${hmac(github)}`,
  });
}

/** Sends an event as its sender would, the same again, and a forged one. */
async function takeIn(
  stack: Stack,
  scheme: string,
  body: string,
  headers: Record<string, string>,
): Promise<void> {
  const config = { scheme, job_type: "system.noop" };
  const id = await configure(stack, "webhook-verify", scheme, config, ["vault:incoming"]);
  const send = async (text: string) => {
    const response = await fetch(`${stack.url}/functions/v1/webhook-verify/${id}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: text,
    });
    const { job_id, code } = await response.json() as { job_id?: string; code?: string };
    return { status: response.status, job_id, code };
  };
  const [first, again, forged] = [await send(body), await send(body), await send(body + " ")];
  const same = first.job_id === again.job_id ? "the same job" : "another job";
  console.log(
    `  in    a ${scheme} event: ${first.status}; again: ${again.status}, ${same}; ` +
      `forged: ${forged.status} ${forged.code}`,
  );
  if (!first.job_id || first.job_id !== again.job_id || forged.status !== 401) {
    throw new Error(`a ${scheme} event was not taken in once`);
  }
  const acme = await userJobForge(stack, TENANT);
  await acme.waitForJob(first.job_id);
}

function hmac(text: string): string {
  return createHmac("sha256", INCOMING_SECRET).update(text).digest("hex");
}

async function configure(
  stack: Stack,
  connector: string,
  name: string,
  config: unknown,
  secretRefs: string[],
): Promise<unknown> {
  return await rpc(stack, "jobforge_configure_connector", {
    p_connector: connector,
    p_name: name,
    p_config: config,
    p_secret_refs: secretRefs,
  });
}

async function rpc(stack: Stack, name: string, args: Record<string, unknown>): Promise<unknown> {
  const response = await fetch(`${stack.url}/rest/v1/rpc/${name}`, {
    method: "POST",
    headers: { apikey: stack.secretKey, "content-type": "application/json" },
    body: JSON.stringify({ p_tenant_id: TENANT, ...args }),
  });
  if (!response.ok) {
    throw new Error(`${name} answered ${response.status}: ${await response.text()}`);
  }
  return await response.json();
}
