import assert from "node:assert/strict";
import type { OpenedConnector } from "../../adapters/data_api/connector_api.ts";
import type { EgressResponse } from "../../adapters/egress/egress.ts";
import { parseJson } from "../../core/encoding/exact_json.ts";
import { EgressFailed, EgressRefused } from "../../core/egress/refusal.ts";
import { JobForgeError } from "../../core/errors.ts";
import { outcomeOfResult, outcomeOfThrown } from "../../core/job/outcome.ts";
import { type FakeConnectors, fakeConnectors } from "../fake_connectors.ts";
import { fakeContext } from "../fake_context.ts";
import { httpRequest } from "./definition.ts";
import { createHttpRequest } from "./handler.ts";

const HOSTS = { config: { hosts: ["api.example.com"] } };
const url = "https://api.example.com/orders";
const bytes = (text: string) => new TextEncoder().encode(text);

/** Returns the reported outcome of a job. */
async function end(fake: FakeConnectors, payload: Record<string, unknown> = {}) {
  const parsed = httpRequest.payload!.parse({ url, ...payload });
  try {
    const result = await createHttpRequest(fake).run(parsed, fakeContext());
    return outcomeOfResult(httpRequest.result!.parse(result));
  } catch (thrown) {
    return outcomeOfThrown(thrown);
  }
}

const sentBy = (fake: FakeConnectors) => fake.sent[0]!;

Deno.test("an answer is kept as the result", async () => {
  const fake = fakeConnectors(HOSTS, {
    ...{ status: 201, headers: { "content-type": "application/json" }, body: bytes('{"id":7}') },
  });
  const { result } = await end(fake, { method: "POST", body: { a: 1 } });
  assert.deepEqual(JSON.parse(result!.text), {
    status: 201,
    headers: { "content-type": "application/json" },
    body: '{"id":7}',
    body_encoding: "text",
    truncated: false,
  });
  assert.deepEqual(fake.opened, [{
    tenantId: "11111111-1111-4111-8111-111111111111",
    connector: "connector.http.request",
    name: "default",
    host: "api.example.com",
  }]);
});

Deno.test("the signal of the attempt stops opening and sending", async () => {
  const fake = fakeConnectors(HOSTS);
  const ctx = fakeContext();
  await createHttpRequest(fake).run(httpRequest.payload!.parse({ url }), ctx);
  assert.equal(fake.signals.length, 2);
  assert.ok(fake.signals.every((signal) => signal === ctx.signal));
});

Deno.test("numbers of a body are sent as they are", async () => {
  const text = '{"id":1970670598291982290,"sums":[0.12345678901234567890,1e-400]}';
  const fake = fakeConnectors(HOSTS);
  assert.equal((await end(fake, { method: "POST", body: parseJson(text) })).outcome, "succeeded");
  assert.equal(new TextDecoder().decode(sentBy(fake).request.body), text);
});

Deno.test("a job's own doing is an answer: 3xx and 4xx succeed", async () => {
  for (const status of [204, 302, 400, 401, 404, 409, 410, 422]) {
    assert.equal((await end(fakeConnectors(HOSTS, { status }))).outcome, "succeeded");
  }
});

Deno.test("5xx, 408 and 429 are tried again, under their own code", async () => {
  for (const status of [408, 429, 500, 502, 503, 504, 599]) {
    const fake = fakeConnectors(HOSTS, { status });
    const { outcome, error, retry_after_ms } = await end(fake);
    assert.deepEqual([outcome, error?.code, retry_after_ms], [
      ...["errored", `http_${status}`, undefined],
    ]);
    assert.deepEqual(fake.closed, []);
  }
});

Deno.test("a host with a Retry-After is closed for the tenant", async () => {
  for (const status of [429, 503]) {
    const fake = fakeConnectors(HOSTS, { status, retryAfterMs: 30_000 });
    assert.equal((await end(fake)).retry_after_ms, 30_000);
    assert.deepEqual(fake.closed, [{
      ...{ tenantId: "11111111-1111-4111-8111-111111111111", host: "api.example.com", ms: 30_000 },
    }]);
  }
  const other = fakeConnectors(HOSTS, { status: 502, retryAfterMs: 30_000 });
  assert.equal((await end(other)).retry_after_ms, 30_000);
  assert.deepEqual(other.closed, []);
});

Deno.test("the jobs of a busy host do not come back together", async () => {
  const waits = [];
  for (const random of [0, 0.5, 0.999]) {
    const fake = { ...fakeConnectors(HOSTS, { status: 503, retryAfterMs: 40_000 }) };
    waits.push((await end({ ...fake, random: () => random })).retry_after_ms);
  }
  assert.deepEqual(waits, [40_000, 50_000, 59_980]);
});

Deno.test("a host that cannot be closed is retried all the same", async () => {
  const fake = fakeConnectors(HOSTS, { status: 503, retryAfterMs: 2_000 });
  fake.connectors.closeHost = () => Promise.reject(new JobForgeError("unavailable", "down"));
  const { error, retry_after_ms } = await end(fake);
  assert.deepEqual([error?.code, retry_after_ms], ["http_503", 2_000]);
});

Deno.test("while a host is closed its jobs are handed back and nothing is sent", async () => {
  const fake = fakeConnectors({ ...HOSTS, closed_ms: 12_000 });
  const { outcome, error, retry_after_ms } = await end(fake);
  assert.deepEqual([outcome, error?.code, retry_after_ms], ["released", "host_closed", 12_000]);
  assert.deepEqual(fake.sent, []);
});

const FAILED: Record<string, [Partial<OpenedConnector> | Error, Error | undefined, string]> = {
  "no configuration": [new JobForgeError("not_found", "x"), undefined, "connector_not_found"],
  "a disabled configuration": [{ ...HOSTS, enabled: false }, undefined, "connector_disabled"],
  "a configuration it cannot read": [{ config: { x: 1 } }, undefined, "connector_misconfigured"],
  "a host that is not allowed": [
    HOSTS,
    new EgressRefused("egress_host_not_allowed", "no"),
    "egress_host_not_allowed",
  ],
};
for (const [what, [connector, answer, code]] of Object.entries(FAILED)) {
  Deno.test(`a job with ${what} fails for good`, async () => {
    const { outcome, error } = await end(fakeConnectors(connector, answer));
    assert.deepEqual([outcome, error?.code], ["failed", code]);
  });
}

Deno.test("what fails on the way, or in the database, is tried again", async () => {
  const lost = fakeConnectors(HOSTS, new EgressFailed("egress_timeout", "late"));
  const away = fakeConnectors(new JobForgeError("unavailable", "planted"));
  for (const [fake, code] of [[lost, "egress_timeout"], [away, "unavailable"]] as const) {
    const { outcome, error } = await end(fake);
    assert.deepEqual([outcome, error?.code], ["errored", code]);
    assert.doesNotMatch(error!.message, /planted/);
  }
});

Deno.test("an invalid URL is refused before any call to the database", async () => {
  for (const bad of ["file:///etc/passwd", "https://a b/", "https://localhost/", "x"]) {
    const fake = fakeConnectors(HOSTS);
    assert.equal((await end(fake, { url: bad })).outcome, "failed");
    assert.deepEqual([fake.opened, fake.sent], [[], []]);
  }
});

Deno.test("what changes something carries the job's id, unless the job names a key", async () => {
  const key = "00000000-0000-7000-8000-000000000001";
  const cases: [Record<string, unknown>, string | undefined][] = [
    [{ method: "POST" }, key],
    [{ method: "DELETE" }, key],
    [{ method: "GET" }, undefined],
    [{ method: "HEAD" }, undefined],
  ];
  for (const [payload, expected] of cases) {
    const fake = fakeConnectors(HOSTS);
    await end(fake, payload);
    assert.equal(sentBy(fake).request.headers?.["idempotency-key"], expected);
  }
  const own = fakeConnectors(HOSTS);
  await end(own, { method: "PUT", headers: { "Idempotency-Key": "mine" } });
  const { headers } = sentBy(own).request;
  assert.deepEqual([headers?.["Idempotency-Key"], headers?.["idempotency-key"]], [
    ...["mine", undefined],
  ]);
});

Deno.test("a text is sent as it is, any other value as JSON, and the trace goes on", async () => {
  const sent = async (payload: Record<string, unknown>) => {
    const fake = fakeConnectors(HOSTS);
    await end(fake, { method: "POST", ...payload });
    const { body, headers } = sentBy(fake).request;
    assert.match(headers?.["traceparent"] ?? "", /^00-/);
    return [body && new TextDecoder().decode(body), headers?.["content-type"]];
  };
  assert.deepEqual(await sent({ body: "ä" }), ["ä", "text/plain; charset=utf-8"]);
  assert.deepEqual(await sent({ body: { a: [1] } }), ['{"a":[1]}', "application/json"]);
  assert.deepEqual(await sent({ body: null }), ["null", "application/json"]);
  assert.deepEqual(await sent({}), [undefined, undefined]);
  assert.deepEqual(await sent({ body: "<a/>", headers: { "Content-Type": "text/xml" } }), [
    ...["<a/>", undefined],
  ]);
});

Deno.test("the configuration bounds the job, the job only narrows it", async () => {
  const config = {
    ...{ hosts: ["api.example.com", "*.example.org"], timeout_ms: 5_000, redirects: 2 },
    ...{ max_response_bytes: 1_000, response_headers: ["x-a"], methods: ["PATCH"] },
  };
  const fake = fakeConnectors({ config });
  await end(fake, { timeout_ms: 60_000, allowlist: ["api.example.com"], method: "PATCH" });
  assert.deepEqual(sentBy(fake).policy, {
    ...{ hosts: config.hosts, narrowedTo: ["api.example.com"], schemes: ["https"], ports: [443] },
    ...{ methods: ["PATCH"], redirects: 2, timeoutMs: 5_000, maxResponseBytes: 1_000 },
    responseHeaders: ["x-a"],
  });
  const plain = fakeConnectors({ config: { hosts: ["x.example"], schemes: ["https", "http"] } });
  await end(plain, { timeout_ms: 1_000 });
  assert.deepEqual(sentBy(plain).policy, {
    ...{ hosts: ["x.example"], narrowedTo: undefined, schemes: ["https", "http"], redirects: 0 },
    ...{ ports: [443, 80], methods: ["GET", "POST", "HEAD"], timeoutMs: 1_000 },
    ...{ maxResponseBytes: 262_144, responseHeaders: [] },
  });
});

Deno.test("the newest secret is sent as configured, and named to the client as one", async () => {
  const auth = { header: "authorization", prefix: "Bearer " };
  const fake = fakeConnectors({
    config: { hosts: ["api.example.com"], auth },
    secrets: [{ value: "planted-new-secret" }, { value: "planted-old-secret" }],
  });
  await end(fake);
  const { ownHeaders, secrets } = sentBy(fake).request;
  assert.deepEqual(ownHeaders, { authorization: "Bearer planted-new-secret" });
  assert.deepEqual(secrets, ["planted-new-secret"]);
});

Deno.test("an answer in an unknown coding is a result, in base64", async () => {
  const fake = fakeConnectors(HOSTS, {
    headers: { "content-type": "text/plain", "content-encoding": "zstd" },
    body: bytes("("),
  });
  const { result } = await end(fake);
  assert.equal(JSON.parse(result!.text).body_encoding, "base64");
});

Deno.test("without auth no secret is read", async () => {
  const fake = fakeConnectors({ ...HOSTS, secrets: [{ value: "planted-new-secret" }] });
  await end({ ...fake, resolveSecrets: () => assert.fail("asked") });
  assert.deepEqual(sentBy(fake).request.ownHeaders, {});
});

const LARGE: Record<string, Partial<EgressResponse>> = {
  "a megabyte of text": { body: bytes("x".repeat(1_048_576)) },
  "a megabyte of quotes": { body: bytes('"'.repeat(1_048_576)) },
  "a megabyte of NUL": { body: new Uint8Array(1_048_576) },
  "a megabyte of bytes": { body: new Uint8Array(1_048_576).fill(0xff) },
};
for (const [what, answer] of Object.entries(LARGE)) {
  Deno.test(`of ${what} is kept what a result holds`, async () => {
    const outcome = await end(fakeConnectors(HOSTS, answer));
    assert.equal(outcome.outcome, "succeeded");
    assert.equal(JSON.parse(outcome.result!.text).truncated, true);
    assert.ok(outcome.result!.bytes > 200_000);
  });
}

const REFUSED_PAYLOADS: Record<string, Record<string, unknown>> = {
  "no URL": { url: undefined },
  "an unknown member": { verify_tls: false },
  "another method": { method: "CONNECT" },
  "a method in lower case": { method: "get" },
  "headers that are no texts": { headers: { a: 1 } },
  "a list of everything": { allowlist: ["*"] },
  "a list of networks": { allowlist: ["10.0.0.0/8"] },
  "no time": { timeout_ms: 0 },
  "too much time": { timeout_ms: 120_001 },
  "a configuration's name that is none": { config: "../default" },
};
for (const [what, payload] of Object.entries(REFUSED_PAYLOADS)) {
  Deno.test(`a payload with ${what} is refused`, () => {
    assert.equal(httpRequest.payload!.safeParse({ url, ...payload }).success, false);
  });
}
