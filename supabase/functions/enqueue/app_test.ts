import assert from "node:assert/strict";
import * as z from "zod";
import { JobForgeError } from "../../../shared/core/errors.ts";
import type { Credential } from "../../../shared/core/http/credential.ts";
import type { JobRequest } from "../../../shared/core/job/job_request.ts";
import type { JobRow, JobStatus } from "../../../shared/core/job/job_row.ts";
import { defineJob, indexDefinitions } from "../../../shared/core/job/job_type.ts";
import { withoutLeaks } from "../tests/leaks.ts";
import { createApp } from "./app.ts";

const TENANT = "11111111-1111-4111-8111-111111111111";
const JOB = "00000000-0000-7000-8000-000000000001";
const SECRET = ["sb", "secret", "test"].join("_");
const JWT = `x.${btoa(JSON.stringify({ role: "authenticated" })).replace(/=+$/, "")}.y`;
const USER = { authorization: `Bearer ${JWT}`, apikey: "sb_publishable_test" };
const definitions = indexDefinitions([
  defineJob({ type: "mail.send", payload: z.strictObject({ to: z.string() }) }),
]);

interface Stage {
  statuses?: JobStatus[];
  duplicate?: boolean;
  error?: JobForgeError;
}

/** Enqueue on a fake Data API, with what reached it. */
function stage({ statuses = ["queued"], duplicate = false, error }: Stage = {}) {
  const sent: { jobs: JobRequest[]; traceparent: string }[] = [];
  const callers: [Credential["kind"], string | undefined][] = [];
  const signals: (AbortSignal | undefined)[] = [];
  let now = 0;
  const reply = { job_id: JOB, status: "queued" as const, duplicate };
  const send = (jobs: JobRequest[], traceparent: string) => {
    if (error) throw error;
    sent.push({ jobs, traceparent });
    return jobs.map(() => reply);
  };
  const { request } = createApp({
    definitions,
    jobsOf(credential, tenantId, signal) {
      signals.push(signal);
      callers.push([credential.kind, tenantId]);
      return {
        enqueueJob: async (job, traceparent) => await send([job], traceparent)[0]!,
        enqueueJobs: async (jobs, traceparent) => await send(jobs, traceparent),
        findJob: () => Promise.resolve(rowOf(statuses.length > 1 ? statuses.shift() : statuses[0])),
      };
    },
    now: () => now,
    sleep: (ms) => Promise.resolve(void (now += ms)),
    randomTraceBytes: () => new Uint8Array(24).fill(1),
    log: { write: () => {} },
  });
  const app = {
    request: async (...args: Parameters<typeof request>) => withoutLeaks(await request(...args)),
  };
  const post = (body: unknown, headers: Record<string, string> = USER) =>
    app.request("/enqueue", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const get = (path: string, headers: Record<string, string> = USER) =>
    app.request(`/enqueue/${path}`, { headers });
  return { app, callers, get, post, sent, signals };
}

function rowOf(status: JobStatus | undefined) {
  const result = status === "succeeded" ? { sent: true } : null;
  return status && ({ id: JOB, tenant_id: TENANT, status, result } as JobRow & { result: unknown });
}

const MAIL = { type: "mail.send", payload: { to: "a" } };

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  return await response.json();
}

Deno.test("a user's job is enqueued under the user's own credential", async () => {
  const { callers, post, sent } = stage();
  const response = await post({ ...MAIL, priority: 5 });
  assert.equal(response.status, 202);
  assert.deepEqual(await response.json(), { job_id: JOB, status: "queued", duplicate: false });
  assert.equal(response.headers.get("location"), `/enqueue/${JOB}`);
  assert.deepEqual(callers, [["user", undefined]]);
  assert.deepEqual(sent[0]?.jobs, [{ ...MAIL, priority: 5 }]);
});

Deno.test("a secret key names its tenant", async () => {
  const { callers, post } = stage();
  const response = await post({ ...MAIL, tenant_id: TENANT }, { apikey: SECRET });
  assert.equal(response.status, 202);
  assert.deepEqual(callers, [["service", TENANT]]);
});

Deno.test("a batch is enqueued as one", async () => {
  const { post, sent } = stage();
  const response = await post({ jobs: [MAIL, MAIL] });
  assert.equal(response.status, 202);
  assert.equal((await response.json()).jobs.length, 2);
  assert.equal(sent.length, 1);
});

Deno.test("a repeat under an idempotency key is 200, not 202", async () => {
  const { post, sent } = stage({ duplicate: true });
  const response = await post(MAIL, { ...USER, "idempotency-key": '"k1"' });
  assert.equal(response.status, 200);
  assert.equal((await response.json()).duplicate, true);
  assert.equal(sent[0]?.jobs[0]?.idempotency_key, "k1");
});

Deno.test("a traceparent is passed on, a bad one replaced", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const { post, sent } = stage();
  await post(MAIL, { ...USER, traceparent });
  await post(MAIL, { ...USER, traceparent: "junk" });
  assert.equal(sent[0]?.traceparent, traceparent);
  assert.match(sent[1]?.traceparent ?? "", /^00-(01){16}-(01){8}-00$/);
});

const REFUSED: [string, unknown, Record<string, string>, number, string][] = [
  ["no credential", MAIL, {}, 401, "unauthenticated"],
  ["a publishable key only", MAIL, { apikey: USER.apikey }, 401, "unauthenticated"],
  ["a secret key as Bearer", MAIL, { authorization: `Bearer ${SECRET}` }, 401, "unauthenticated"],
  ["a JWT and a secret key", MAIL, { ...USER, apikey: SECRET }, 400, "credential_conflict"],
  ["a secret key without tenant", MAIL, { apikey: SECRET }, 400, "invalid_argument"],
  ["an unknown type", { type: "mail.sent" }, USER, 400, "unknown_type"],
  ["a wrong payload", { type: "mail.send", payload: {} }, USER, 400, "invalid_payload"],
  ["an unknown member", { ...MAIL, status: "succeeded" }, USER, 400, "invalid_argument"],
  ["half a JSON text", '{"type":', USER, 400, "invalid_json"],
  [
    "another media type",
    MAIL,
    { ...USER, "content-type": "text/plain" },
    415,
    "unsupported_media_type",
  ],
  ["too long a body", { ...MAIL, payload: "x".repeat(1_100_000) }, USER, 413, "payload_too_large"],
  ["an empty key", MAIL, { ...USER, "idempotency-key": '""' }, 400, "invalid_argument"],
  [
    "two keys",
    { ...MAIL, idempotency_key: "a" },
    { ...USER, "idempotency-key": "b" },
    400,
    "invalid_argument",
  ],
  [
    "one key for a batch",
    { jobs: [MAIL] },
    { ...USER, "idempotency-key": "b" },
    400,
    "invalid_argument",
  ],
];

for (const [what, body, headers, status, code] of REFUSED) {
  Deno.test(`a request with ${what} is refused as ${code}`, async () => {
    const { post, sent } = stage();
    const response = await post(body, headers);
    assert.equal(response.status, status);
    assert.equal((await problemOf(response)).code, code);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.deepEqual(sent, []);
  });
}

Deno.test("a wrong payload is described by paths, never by values", async () => {
  const response = await stage().post({ jobs: [MAIL, { ...MAIL, payload: { to: ["planted"] } }] });
  const problem = await problemOf(response);
  assert.deepEqual(problem.issues, [
    { path: "to", rule: "invalid_type", must: "must be a string, not an array" },
  ]);
  assert.match(String(problem.detail), /^jobs\.1:/);
  assert.doesNotMatch(JSON.stringify(problem), /planted/);
});

Deno.test("a full queue is 429 with its Retry-After", async () => {
  const error = new JobForgeError("queue_full", "full", { retryAfterSeconds: 30 });
  const response = await stage({ error }).post(MAIL);
  assert.equal(response.status, 429);
  assert.equal(response.headers.get("retry-after"), "30");
  assert.equal((await problemOf(response)).code, "queue_full");
});

Deno.test("an unexpected error shows nothing of itself", async () => {
  const error = new TypeError("planted") as unknown as JobForgeError;
  const response = await stage({ error }).post(MAIL);
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /planted/);
});

Deno.test("a job is shown with its result once it succeeded", async () => {
  const running = await (await stage({ statuses: ["running"] }).get(JOB)).json();
  assert.deepEqual([running.job.status, running.result], ["running", null]);
  const done = await (await stage({ statuses: ["succeeded"] }).get(JOB)).json();
  assert.deepEqual([done.job.status, done.result], ["succeeded", { sent: true }]);
});

Deno.test("waiting ends with the job, or with the time", async () => {
  const statuses: JobStatus[] = ["scheduled", "queued", "running", "dead"];
  const ended = await (await stage({ statuses }).get(`${JOB}?wait=25`)).json();
  assert.equal(ended.job.status, "dead");
  const late = await (await stage({ statuses: ["queued"] }).get(`${JOB}?wait=2`)).json();
  assert.equal(late.job.status, "queued");
});

Deno.test("a caller that left is not waited for", async () => {
  const { app, signals } = stage({ statuses: ["succeeded"] });
  const left = new AbortController();
  const look = { headers: USER, signal: left.signal };
  await app.request(`/enqueue/${JOB}?wait=5`, look);
  await app.request(`/enqueue/${JOB}`, look);
  left.abort();
  assert.deepEqual(signals.map((signal) => signal?.aborted), [true, undefined]);
});

Deno.test("a job that is not there, or not one's own, is 404", async () => {
  const response = await stage({ statuses: [] }).get(JOB);
  assert.equal(response.status, 404);
  assert.equal((await problemOf(response)).code, "not_found");
});

const BAD_LOOKS: [string, string, Record<string, string>, number][] = [
  ["no credential", JOB, {}, 401],
  ["an id that is no uuid", "1", USER, 400],
  ["a wait of 26 seconds", `${JOB}?wait=26`, USER, 400],
  ["a wait of minus one", `${JOB}?wait=-1`, USER, 400],
  ["an empty wait", `${JOB}?wait=`, USER, 400],
  ["an unknown parameter", `${JOB}?apikey=${SECRET}`, USER, 400],
  ["a secret key without tenant", JOB, { apikey: SECRET }, 400],
];

for (const [what, path, headers, status] of BAD_LOOKS) {
  Deno.test(`a look with ${what} is ${status}`, async () => {
    assert.equal((await stage().get(path, headers)).status, status);
  });
}

Deno.test("a secret key looks at the tenant it names", async () => {
  const { callers, get } = stage();
  await get(`${JOB}?tenant_id=${TENANT}`, { apikey: SECRET });
  assert.deepEqual(callers, [["service", TENANT]]);
});

Deno.test("a preflight is answered without a credential", async () => {
  const response = await stage().app.request("/enqueue", { method: "OPTIONS" });
  assert.equal(response.status, 204);
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  assert.match(response.headers.get("access-control-allow-headers") ?? "", /idempotency-key/);
  assert.equal(response.headers.get("access-control-allow-credentials"), null);
});

for (const [method, path] of [["GET", "/enqueue"], ["DELETE", `/enqueue/${JOB}`]] as const) {
  Deno.test(`${method} ${path} is 405 with Allow`, async () => {
    const response = await stage().app.request(path, { method });
    assert.equal(response.status, 405);
    assert.match(response.headers.get("allow") ?? "", /OPTIONS/);
  });
}
