import assert from "node:assert/strict";
import { keyMatcher } from "../../../shared/adapters/http/key_match.ts";
import { JobForgeError } from "../../../shared/core/errors.ts";
import { VERSION } from "../../../shared/core/version.ts";
import { withoutLeaks } from "../tests/leaks.ts";
import { createApp, type RunTicket } from "./app.ts";

const SECRET = ["sb", "secret", "test"].join("_");
const LEGACY = jwt({ role: "service_role" });
const USER = jwt({ role: "authenticated" });
const TICKET = { run_id: 7, ticket: "ab".repeat(32) };

function jwt(claims: unknown): string {
  return `x.${btoa(JSON.stringify(claims)).replace(/=+$/, "")}.y`;
}

/** The worker on a fake queue, with what it was asked to do. */
function stage(refusal?: JobForgeError, problem?: string) {
  const started: (RunTicket | undefined)[] = [];
  const launched: number[] = [];
  let announced = 0;
  const logged: unknown[] = [];
  const { request } = createApp({
    startRun: (ticket) => {
      if (refusal) return Promise.reject(refusal);
      started.push(ticket);
      return Promise.resolve(ticket?.run_id ?? 99);
    },
    launch: (runId) => void launched.push(runId),
    liveRuns: () => 3,
    announce: () => Promise.resolve(void (announced += 1)),
    versionProblem: () => problem,
    metrics: () => Promise.resolve("jobforge_runs 1\n"),
    isSecretKey: keyMatcher([SECRET]),
    isLegacyServiceKey: keyMatcher([LEGACY]),
    log: { write: (...line) => void logged.push(line) },
  });
  const app = {
    request: async (...args: Parameters<typeof request>) => withoutLeaks(await request(...args)),
  };
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    app.request("/worker", {
      method: "POST",
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  return { app, started, launched, logged, post, announced: () => announced };
}

async function codeOf(response: Response): Promise<unknown> {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  return (await response.json()).code;
}

Deno.test("a ticket starts its run and is answered at once", async () => {
  const { launched, post, started } = stage();
  const response = await post(TICKET);
  assert.equal(response.status, 202);
  assert.deepEqual(await response.json(), { run_id: 7 });
  assert.deepEqual(started, [TICKET]);
  assert.deepEqual(launched, [7]);
});

const ADMITTED: [string, Record<string, string>][] = [
  ["a secret key in apikey", { apikey: SECRET }],
  ["the legacy service key in apikey", { apikey: LEGACY }],
  ["the legacy service key as Bearer", { authorization: `Bearer ${LEGACY}` }],
];

for (const [what, headers] of ADMITTED) {
  Deno.test(`an operator may start a run with ${what}`, async () => {
    const { launched, post, started } = stage();
    const response = await post(undefined, headers);
    assert.equal(response.status, 202);
    assert.deepEqual([started, launched], [[undefined], [99]]);
  });
}

const REFUSED: [string, Record<string, string>][] = [
  ["no credential", {}],
  ["a secret key as Bearer", { authorization: `Bearer ${SECRET}` }],
  ["a secret key as Bearer and apikey", { authorization: `Bearer ${SECRET}`, apikey: SECRET }],
  ["another secret key", { apikey: `${SECRET}2` }],
  ["a secret key in upper case", { apikey: SECRET.toUpperCase() }],
  ["a publishable key", { apikey: "sb_publishable_test" }],
  ["a user's JWT", { authorization: `Bearer ${USER}` }],
  ["a legacy anon key", { apikey: jwt({ role: "anon" }) }],
  ["another service_role JWT", { authorization: `Bearer ${jwt({ role: "service_role", n: 1 })}` }],
  ["a secret key with a space in it", { apikey: SECRET.replace("_t", "_ t") }],
  ["the legacy service key without Bearer", { authorization: LEGACY }],
];

const DISAGREEING: [string, Record<string, string>][] = [
  ["a user's JWT and a secret key", { authorization: `Bearer ${USER}`, apikey: SECRET }],
  ["a user's JWT and the legacy key", { authorization: `Bearer ${USER}`, apikey: LEGACY }],
  ["the legacy key and a secret key", { authorization: `Bearer ${LEGACY}`, apikey: SECRET }],
];

for (const [what, headers] of DISAGREEING) {
  Deno.test(`${what} disagree: neither starts anything`, async () => {
    const { launched, post, started } = stage();
    const response = await post(undefined, headers);
    assert.equal(response.status, 400);
    assert.equal(await codeOf(response), "credential_conflict");
    assert.deepEqual([started, launched], [[], []]);
  });
}

Deno.test("a secret key in the query starts nothing", async () => {
  const { app, started } = stage();
  const response = await app.request(`/worker?apikey=${SECRET}`, { method: "POST" });
  assert.equal(response.status, 401);
  assert.deepEqual(started, []);
});

for (const [what, headers] of REFUSED) {
  Deno.test(`${what} starts nothing`, async () => {
    const { launched, post, started } = stage();
    const response = await post(undefined, headers);
    assert.equal(response.status, 401);
    assert.equal(await codeOf(response), "unauthenticated");
    assert.deepEqual([started, launched], [[], []]);
  });
}

const BAD_BODIES: [string, unknown, number, string][] = [
  ["a ticket of another length", { run_id: 7, ticket: "ab" }, 400, "invalid_argument"],
  ["a ticket in upper case", { run_id: 7, ticket: "AB".repeat(32) }, 400, "invalid_argument"],
  ["a run id as text", { ...TICKET, run_id: "7" }, 400, "invalid_argument"],
  ["an unknown member", { ...TICKET, extra: 1 }, 400, "invalid_argument"],
  ["an empty object", {}, 400, "invalid_argument"],
  ["half a JSON text", '{"run_id":', 400, "invalid_json"],
  ["more than 4 KiB", { ...TICKET, extra: "x".repeat(5_000) }, 413, "payload_too_large"],
];

for (const [what, body, status, code] of BAD_BODIES) {
  Deno.test(`a body with ${what} is refused, also with a secret key`, async () => {
    const { post, started } = stage();
    const response = await post(body, { apikey: SECRET });
    assert.equal(response.status, status);
    assert.equal(await codeOf(response), code);
    assert.deepEqual(started, []);
  });
}

Deno.test("a body that is not declared as JSON is refused", async () => {
  const { post } = stage();
  const response = await post(TICKET, { "content-type": "text/plain" });
  assert.equal(response.status, 415);
  assert.equal(await codeOf(response), "unsupported_media_type");
});

Deno.test("a ticket the database refuses starts nothing", async () => {
  const { launched, post } = stage(new JobForgeError("ticket_refused", "used"));
  const response = await post(TICKET);
  assert.equal(response.status, 401);
  assert.equal(await codeOf(response), "ticket_refused");
  assert.deepEqual(launched, []);
});

Deno.test("a ticket that comes while max_runs runs are live is answered with nothing to do", async () => {
  const { launched, logged, post } = stage(new JobForgeError("runs_exhausted", "used up"));
  const response = await post(TICKET);
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { run_id: null, code: "runs_exhausted" });
  assert.deepEqual([launched, logged], [[], []]);
});

Deno.test("an operator who starts one run too many gets an error", async () => {
  const { launched, logged, post } = stage(new JobForgeError("runs_exhausted", "enough"));
  const response = await post(undefined, { apikey: SECRET });
  assert.equal(response.status, 409);
  assert.equal(await codeOf(response), "runs_exhausted");
  assert.deepEqual([launched, logged], [[], []]);
});

Deno.test("a database that is away is 503 with Retry-After", async () => {
  const { post } = stage(new JobForgeError("unavailable", "away"));
  const response = await post(TICKET);
  assert.equal(response.status, 503);
  assert.ok(response.headers.get("retry-after"));
});

Deno.test("health reports only that the worker is up, and its version", async () => {
  const { announced, app, post } = stage();
  await post(TICKET);
  assert.equal(announced(), 0, "a worker that is called has its URL stored");
  const response = await app.request("/worker/health");
  assert.equal(announced(), 1);
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { status: "ok", version: VERSION, live_runs: 3 });
});

Deno.test("health is an error while the schema does not serve this version", async () => {
  const response = await stage(undefined, "push it").app.request("/worker/health");
  assert.equal(response.status, 409);
  const { code, detail } = await response.json();
  assert.deepEqual([code, detail], ["version_mismatch", "push it"]);
});

Deno.test("a ticket for a version that the schema does not serve is answered with the reason", async () => {
  const { launched, post } = stage(new JobForgeError("version_mismatch", "push the migration"));
  const response = await post(TICKET);
  assert.equal(response.status, 409);
  const { code, detail } = await response.json();
  assert.deepEqual([code, detail], ["version_mismatch", "push the migration"]);
  assert.deepEqual(launched, []);
});

for (const [what, headers] of ADMITTED) {
  Deno.test(`metrics are for an operator with ${what}`, async () => {
    const response = await stage().app.request("/worker/metrics", { headers });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(await response.text(), "jobforge_runs 1\n");
  });
}

const NO_OPERATORS: [string, Record<string, string>][] = [
  ["no credential", {}],
  ["another secret key", { apikey: `${SECRET}x` }],
  ["a publishable key", { apikey: "sb_publishable_test" }],
  ["a user's JWT", { authorization: "Bearer a.b.c" }],
  ["a secret key as Bearer", { authorization: `Bearer ${SECRET}` }],
];

for (const [what, headers] of NO_OPERATORS) {
  Deno.test(`metrics are refused to ${what}`, async () => {
    const response = await stage().app.request("/worker/metrics", { headers });
    assert.equal(response.status, 401);
    assert.equal(await codeOf(response), "unauthenticated");
  });
}

const ROUTES: [string, string, number, string | null][] = [
  ["GET", "/worker", 405, "POST"],
  ["DELETE", "/worker", 405, "POST"],
  ["POST", "/worker/health", 405, "GET"],
  ["POST", "/worker/metrics", 405, "GET"],
  ["GET", "/worker/other", 404, null],
  ["GET", "/", 404, null],
];

for (const [method, path, status, allow] of ROUTES) {
  Deno.test(`${method} ${path} is ${status}`, async () => {
    const response = await stage().app.request(path, { method });
    assert.equal(response.status, status);
    assert.equal(response.headers.get("allow"), allow);
    assert.equal(response.headers.get("access-control-allow-origin"), null);
  });
}
