import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Webhook } from "standardwebhooks";
import type { EgressResponse } from "../../adapters/egress/egress.ts";
import { parseJson } from "../../core/encoding/exact_json.ts";
import { EgressFailed, EgressRefused } from "../../core/egress/refusal.ts";
import { JobForgeError } from "../../core/errors.ts";
import { fakeConnectors } from "../fake_connectors.ts";
import { fakeContext } from "../fake_context.ts";
import { webhookDeliver } from "./definition.ts";
import { createWebhookDeliver } from "./handler.ts";

const SECRETS = [1, 2].map((fill) => `whsec_${Buffer.alloc(32, fill).toString("base64")}`);
const URL_TEXT = "https://hooks.example.com:8443/in?x=1";
const PAYLOAD = { destination: "orders", event_type: "order.paid", data: { id: 7, text: "$& é" } };

const DESTINATION = {
  config: { url: URL_TEXT, headers: { "x-shop": "1" } },
  secrets: SECRETS.map((value) => ({ value })),
};

interface Given {
  destination?: Parameters<typeof fakeConnectors>[0];
  attempt?: number;
  payload?: unknown;
  epoch?: number;
}

function prepared(answer: Partial<EgressResponse> | Error, options: Given = {}) {
  const deps = fakeConnectors(options.destination ?? DESTINATION, answer);
  const handler = createWebhookDeliver(deps, () => options.epoch ?? Date.now());
  const payload = webhookDeliver.payload!.parse(options.payload ?? PAYLOAD);
  const ctx = fakeContext({ attempt: options.attempt ?? 1, maxAttempts: 10 });
  return { deps, ctx, handler, payload };
}

function deliver(answer: Partial<EgressResponse> | Error = { status: 204 }, options: Given = {}) {
  const { deps, ctx, handler, payload } = prepared(answer, options);
  return { deps, ctx, done: Promise.resolve().then(() => handler.run(payload, ctx)) };
}

Deno.test("an event is sent once, signed by every secret, the newest first", async () => {
  const { ctx, deps, done } = deliver();
  const webhook_id = `msg_${ctx.jobId}`;
  assert.deepEqual(await done, { status: 204, attempt: 1, webhook_id });
  assert.equal(deps.sent.length, 1);
  const { request } = deps.sent[0]!;
  const body = new TextDecoder().decode(request.body);
  assert.deepEqual(JSON.parse(body), {
    type: "order.paid",
    timestamp: "2026-11-22T10:00:00.000Z",
    data: PAYLOAD.data,
  });
  assert.deepEqual(request.headers, { traceparent: ctx.traceparent, "x-shop": "1" });
  const headers = { ...request.ownHeaders };
  assert.equal(headers["content-type"], "application/json");
  for (const secret of SECRETS) new Webhook(secret).verify(body, headers);
  const [first] = headers["webhook-signature"]!.split(" ");
  new Webhook(SECRETS[0]!).verify(body, { ...headers, "webhook-signature": first! });
});

Deno.test("numbers of an event are sent as they are", async () => {
  const data = parseJson('{"id":1970670598291982290,"sum":0.12345678901234567890}');
  const { deps, done } = deliver(undefined, { payload: { event_type: "order.paid", data } });
  await done;
  const body = new TextDecoder().decode(deps.sent[0]!.request.body);
  assert.match(body, /"data":\{"id":1970670598291982290,"sum":0\.12345678901234567890\}\}$/);
});

Deno.test("id and body stay over all attempts, time and signature do not", async () => {
  const sent = await Promise.all([1, 2].map(async (attempt) => {
    const { deps, done } = deliver(undefined, {
      attempt,
      epoch: 1_790_000_000_000 + attempt * 5e3,
    });
    await done;
    return deps.sent[0]!.request;
  }));
  const [one, two] = sent.map(({ ownHeaders }) => ownHeaders!);
  assert.equal(one!["webhook-id"], two!["webhook-id"]);
  assert.deepEqual(sent[0]!.body, sent[1]!.body);
  assert.deepEqual([one, two].map((each) => each!["webhook-timestamp"]), [
    "1790000005",
    "1790000010",
  ]);
  assert.notEqual(one!["webhook-signature"], two!["webhook-signature"]);
});

Deno.test("the policy is one host, one port, POST, https, no redirect, and no body is kept", async () => {
  const { deps, done } = deliver();
  await done;
  assert.deepEqual(deps.sent[0]!.policy, {
    hosts: ["hooks.example.com"],
    schemes: ["https"],
    ports: [8443],
    methods: ["POST"],
    redirects: 0,
    timeoutMs: 15_000,
    maxResponseBytes: 0,
    responseHeaders: [],
  });
});

Deno.test("plain http is for loopback alone, which egress has to let through as well", async () => {
  const schemesFor = async (url: string) => {
    const { deps, done } = deliver(undefined, { destination: { ...DESTINATION, config: { url } } });
    await done;
    return deps.sent[0]!.policy.schemes;
  };
  assert.deepEqual(await schemesFor("http://127.0.0.1:9000/"), ["https", "http"]);
  assert.deepEqual(await schemesFor("http://127.0.0.2:9000/"), ["https"]);
  assert.deepEqual(await schemesFor("http://hooks.example.com/"), ["https"]);
});

for (const status of [200, 201, 202, 204, 299]) {
  Deno.test(`${status} is a success`, async () => {
    assert.equal((await deliver({ status }).done as { status: number }).status, status);
  });
}

for (const status of [301, 302, 307, 400, 401, 404, 409, 422, 429, 500, 502, 503]) {
  Deno.test(`${status} is tried again on schedule`, async () => {
    const { deps, done } = deliver({ status }, { attempt: 3 });
    await assert.rejects(done, { name: "RetryError", code: `http_${status}`, afterMs: 1_800_000 });
    assert.deepEqual(deps.closed, []);
    assert.deepEqual(deps.reported.map((each) => [each.status, each.error]), [[status, undefined]]);
  });
}

for (const status of [429, 502, 503, 504]) {
  Deno.test(`${status} with Retry-After closes the host for the tenant's jobs`, async () => {
    const { ctx, deps, done } = deliver({ status, retryAfterMs: 120_000 });
    await assert.rejects(done, { name: "RetryError", afterMs: 120_000 });
    assert.deepEqual(deps.closed, [
      { tenantId: ctx.tenantId, host: "hooks.example.com", ms: 120_000 },
    ]);
  });
}

Deno.test("Retry-After never makes an attempt sooner than the schedule", async () => {
  const { done } = deliver({ status: 503, retryAfterMs: 1_000 }, { attempt: 3 });
  await assert.rejects(done, { afterMs: 1_800_000 });
});

Deno.test("Retry-After of another status closes nothing, but is kept", async () => {
  const { deps, done } = deliver({ status: 500, retryAfterMs: 60_000 });
  await assert.rejects(done, { afterMs: 60_000 });
  assert.deepEqual(deps.closed, []);
});

Deno.test("410 fails for good and is reported, so that the destination is paused", async () => {
  const { ctx, deps, done } = deliver({ status: 410 });
  await assert.rejects(done, { name: "PermanentError", code: "http_410" });
  assert.deepEqual(deps.reported, [{
    ...{ tenantId: ctx.tenantId, destinationId: "00000000-0000-4000-8000-000000000001" },
    ...{ jobId: ctx.jobId, status: 410 },
  }]);
});

Deno.test("a disabled destination is not called", async () => {
  const { deps, done } = deliver(undefined, { destination: { ...DESTINATION, enabled: false } });
  await assert.rejects(done, { name: "PermanentError", code: "endpoint_disabled" });
  assert.deepEqual([deps.sent, deps.reported], [[], []]);
});

const MESSAGE_ID = "0196f000-0000-7000-8000-000000000007";
const MESSAGE = { type: "order.paid", created_at: "2026-11-22T10:00:00.5+00:00", data: { id: 7 } };

Deno.test("a message is sent under its own id and time, whichever job sends it", async () => {
  const { deps, done } = deliver({ status: 200 }, {
    destination: { ...DESTINATION, message: MESSAGE },
    payload: { destination: "orders", message_id: MESSAGE_ID },
  });
  assert.deepEqual(await done, { status: 200, attempt: 1, webhook_id: `msg_${MESSAGE_ID}` });
  const { request } = deps.sent[0]!;
  const body = new TextDecoder().decode(request.body);
  assert.deepEqual(JSON.parse(body), {
    ...{ type: "order.paid", timestamp: "2026-11-22T10:00:00.500Z", data: { id: 7 } },
  });
  assert.equal(request.ownHeaders!["webhook-id"], `msg_${MESSAGE_ID}`);
  for (const secret of SECRETS) new Webhook(secret).verify(body, { ...request.ownHeaders });
});

Deno.test("a message that was deleted is not sent", async () => {
  const { deps, done } = deliver(undefined, {
    payload: { destination: "orders", message_id: MESSAGE_ID },
  });
  await assert.rejects(done, { name: "PermanentError", code: "message_not_found" });
  assert.deepEqual(deps.sent, []);
});

for (const paused of ["failures", "gone", "hand"] as const) {
  Deno.test(`a message waits while its destination is paused by ${paused}`, async () => {
    const { deps, done } = deliver(undefined, {
      destination: { ...DESTINATION, paused, message: MESSAGE },
      payload: { destination: "orders", message_id: MESSAGE_ID },
    });
    assert.deepEqual(await done, { status: null, attempt: 1, webhook_id: `msg_${MESSAGE_ID}` });
    assert.deepEqual([deps.sent, deps.reported], [[], []]);
  });
}

Deno.test("a job with its own data waits for a paused destination, unless that is gone", async () => {
  for (const paused of ["failures", "hand"] as const) {
    const { deps, done } = deliver(undefined, { destination: { ...DESTINATION, paused } });
    const waits = { name: "PostponeError", code: "destination_paused", afterMs: 900_000 };
    await assert.rejects(done, waits);
    assert.deepEqual([deps.sent, deps.reported], [[], []]);
  }
  const { done } = deliver(undefined, { destination: { ...DESTINATION, paused: "gone" } });
  await assert.rejects(done, { name: "PermanentError", code: "destination_paused" });
});

Deno.test("each attempt is reported, with the code of what failed", async () => {
  const reports = async (answer: Parameters<typeof deliver>[0]) => {
    const { deps, done } = deliver(answer);
    await done.catch(() => {});
    return deps.reported.map(({ status, error }) => status ?? error);
  };
  assert.deepEqual(await reports({ status: 204 }), [204]);
  assert.deepEqual(await reports({ status: 503 }), [503]);
  assert.deepEqual(await reports(new EgressFailed("egress_timeout", "slow")), ["egress_timeout"]);
  assert.deepEqual(await reports(new EgressRefused("egress_own_project", "own")), [
    "egress_own_project",
  ]);
  assert.deepEqual(await reports(new TypeError("a bug")), ["failed"]);
});

Deno.test("a report that fails changes no outcome", async () => {
  for (const status of [200, 500]) {
    const { deps, handler, payload, ctx } = prepared({ status });
    deps.connectors.reportDelivery = () => Promise.reject(new JobForgeError("unavailable", "away"));
    const done = handler.run(payload, ctx) as Promise<{ status: number }>;
    if (status === 200) assert.equal((await done).status, 200);
    else await assert.rejects(done, { name: "RetryError", code: "http_500" });
  }
});

Deno.test("an attempt that was aborted is not reported", async () => {
  const { deps, handler, payload } = prepared(new EgressFailed("egress_timeout", "aborted"));
  const ctx = fakeContext({ signal: AbortSignal.abort() });
  await assert.rejects(handler.run(payload, ctx) as Promise<unknown>, { code: "egress_timeout" });
  assert.deepEqual(deps.reported, []);
});

Deno.test("a closed host is not called: the attempt is handed back", async () => {
  const { deps, done } = deliver(undefined, { destination: { ...DESTINATION, closed_ms: 9_000 } });
  await assert.rejects(done, { name: "PostponeError", code: "host_closed" });
  assert.deepEqual(deps.sent, []);
  assert.equal(deps.opened[0]!.host, undefined);
});

Deno.test("a missing destination fails for good, an unreachable database is retried", async () => {
  const missing = deliver(undefined, { destination: new JobForgeError("not_found", "none") });
  await assert.rejects(missing.done, { name: "PermanentError", code: "connector_not_found" });
  const away = deliver(undefined, { destination: new JobForgeError("unavailable", "away") });
  await assert.rejects(away.done, { name: "RetryError", code: "unavailable", afterMs: 5_000 });
});

Deno.test("what egress refuses fails for good, what fails on the way is tried again", async () => {
  const refused = deliver(new EgressRefused("egress_address_not_public", "not public"));
  await assert.rejects(refused.done, {
    name: "PermanentError",
    code: "egress_address_not_public",
  });
  const failed = deliver(new EgressFailed("egress_timeout", "too slow"), { attempt: 2 });
  await assert.rejects(failed.done, {
    name: "RetryError",
    code: "egress_timeout",
    afterMs: 300_000,
  });
});

for (const secret of ["whsec_", "whsec_c2hvcnQ=", "plain text of thirty-two letters"]) {
  Deno.test(`nothing is sent that a secret like "${secret.slice(0, 12)}" cannot sign`, async () => {
    const destination = { ...DESTINATION, secrets: [{ value: SECRETS[0]! }, { value: secret }] };
    const { deps, done } = deliver(undefined, { destination });
    const thrown = await done.then(() => undefined, (error) => error);
    assert.equal(thrown.code, "secret_unusable");
    assert.ok(!thrown.message.includes(secret.slice(6) || "\0"));
    assert.deepEqual(deps.sent, []);
  });
}

for (const event_type of ["", "order paid", "order..paid", ".order", "x".repeat(129)]) {
  Deno.test(`"${event_type.slice(0, 20)}" is not an event type`, () => {
    assert.equal(webhookDeliver.payload!.safeParse({ ...PAYLOAD, event_type }).success, false);
  });
}

Deno.test("a job cannot name a URL, a header or an allow-list", () => {
  for (const extra of ["url", "headers", "allowlist", "secret"]) {
    assert.equal(webhookDeliver.payload!.safeParse({ ...PAYLOAD, [extra]: "x" }).success, false);
  }
});
