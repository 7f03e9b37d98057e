import assert from "node:assert/strict";
import { readContainerEnv, readEnqueueEnv, readWorkerEnv } from "./env.ts";

const source = (variables: Record<string, string>) => (name: string) => variables[name];
const URL_ = "http://127.0.0.1:54321";

Deno.test("the key called default is the worker's own, all of them are accepted", () => {
  const env = readWorkerEnv(source({
    SUPABASE_URL: URL_,
    SUPABASE_SECRET_KEYS: JSON.stringify({ cron: "k-cron", default: "k-default" }),
  }));
  assert.equal(env.serviceKey, "k-default");
  assert.deepEqual(env.secretKeys, ["k-default", "k-cron"]);
  assert.equal(env.wallClockMs, 150_000);
  assert.equal(env.showErrors, false);
  assert.equal(env.concurrency, 20);
});

Deno.test("errors are shown where they are asked for, on a local project alone", () => {
  const shows = (url: string, show: string) =>
    readWorkerEnv(source({
      ...{ SUPABASE_URL: url, JOBFORGE_SHOW_ERRORS: show },
      SUPABASE_SECRET_KEYS: '{"default":"k"}',
    })).showErrors;
  for (const url of [URL_, "http://localhost:54421", "http://kong:8000"]) {
    assert.deepEqual([shows(url, "1"), shows(url, "0"), shows(url, "")], [true, false, false]);
  }
  for (const url of ["https://ref.supabase.co", "https://kong", "http://10.0.0.1:80"]) {
    assert.equal(shows(url, "1"), false);
  }
  assert.throws(() => shows(URL_, "yes"), /JOBFORGE_SHOW_ERRORS must be an integer from 0 to 1/);
});

Deno.test("while keys rotate the worker uses the chosen one and accepts both", () => {
  const variables = {
    SUPABASE_URL: URL_,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: "k-old", next: "k-new" }),
    JOBFORGE_SECRET_KEY_NAME: "next",
  };
  const env = readWorkerEnv(source(variables));
  assert.equal(env.serviceKey, "k-new");
  assert.deepEqual(env.secretKeys, ["k-new", "k-old"]);
  const misspelt = { ...variables, JOBFORGE_SECRET_KEY_NAME: "nxet" };
  assert.throws(() => readWorkerEnv(source(misspelt)), /JOBFORGE_SECRET_KEY_NAME must name a key/);
});

Deno.test("legacy keys do where the new ones are absent", () => {
  const env = readWorkerEnv(source({ SUPABASE_URL: URL_, SUPABASE_SERVICE_ROLE_KEY: "legacy" }));
  assert.equal(env.serviceKey, "legacy");
  assert.equal(env.legacyServiceKey, "legacy");
  const enqueue = readEnqueueEnv(source({ SUPABASE_URL: URL_, SUPABASE_ANON_KEY: "anon" }));
  assert.equal(enqueue.publishableKey, "anon");
});

Deno.test("one message names everything that is missing or invalid", () => {
  const variables = { SUPABASE_SECRET_KEYS: "not json", JOBFORGE_CONCURRENCY: "many" };
  assert.throws(() => readWorkerEnv(source(variables)), (error: Error) => {
    for (const name of ["SUPABASE_URL", "SUPABASE_SECRET_KEYS", "JOBFORGE_CONCURRENCY"]) {
      assert.match(error.message, new RegExp(name));
    }
    assert.doesNotMatch(error.message, /not json|many/);
    return true;
  });
});

Deno.test("enqueue never asks for a secret", () => {
  const asked: string[] = [];
  const variables: Record<string, string> = { SUPABASE_URL: URL_, SUPABASE_ANON_KEY: "anon" };
  readEnqueueEnv((name) => (asked.push(name), variables[name]));
  assert.deepEqual(asked.filter((name) => /SECRET|SERVICE/.test(name)), []);
});

const worker = (variables: Record<string, string>) =>
  readWorkerEnv(source({ SUPABASE_SERVICE_ROLE_KEY: "legacy", ...variables }));

Deno.test("local egress is read on a project on loopback", () => {
  const entries = { JOBFORGE_LOCAL_EGRESS: "127.0.0.1:4000, 127.0.0.1:4001" };
  for (const url of [URL_, "http://localhost:54321", "http://[::1]:54321"]) {
    const env = worker({ SUPABASE_URL: url, ...entries });
    assert.deepEqual(env.localEgress, ["127.0.0.1:4000", "127.0.0.1:4001"]);
  }
  assert.deepEqual(worker({ SUPABASE_URL: URL_ }).localEgress, []);
});

const HOSTED = [
  ...["https://abcdefghijklmnopqrst.supabase.co", "http://kong:8000", "https://127.0.0.1.nip.io"],
  ...["https://localhost.example.com", "https://x:y@api.example.com/?127.0.0.1", "not a URL"],
];
for (const url of HOSTED) {
  Deno.test(`local egress is ignored when the project is ${url}`, () => {
    const env = worker({ SUPABASE_URL: url, JOBFORGE_LOCAL_EGRESS: "127.0.0.1:4000" });
    assert.deepEqual(env.localEgress, []);
  });
}

Deno.test("local egress lists ports of 127.0.0.1 only", () => {
  const bad = ["10.0.0.1:80", "127.0.0.1", "localhost:80", "127.0.0.1:0", "*", "127.0.0.1:80,"];
  for (const value of bad) {
    assert.throws(() => worker({ SUPABASE_URL: URL_, JOBFORGE_LOCAL_EGRESS: value }), {
      message: /JOBFORGE_LOCAL_EGRESS must be a list/,
    });
  }
});

Deno.test("a container needs the project's URL, and a key or a direct connection", () => {
  const common = { SUPABASE_URL: "https://ref.supabase.co" };
  const overApi = readContainerEnv(source({ ...common, SUPABASE_SECRET_KEY: "sb_secret_x" }));
  assert.deepEqual([overApi.serviceKey, overApi.databaseUrl], ["sb_secret_x", undefined]);
  assert.deepEqual([overApi.pollMs, overApi.graceMs, overApi.host, overApi.port], [
    ...[1_000, 8_000, "127.0.0.1", undefined],
  ]);
  const direct = { ...common, DATABASE_URL: "postgresql://worker:pw@db:5432/postgres" };
  const { serviceKey, databaseUrl, prepare } = readContainerEnv(source(direct));
  assert.deepEqual([serviceKey, databaseUrl, prepare], ["", direct.DATABASE_URL, true]);
  assert.equal(readContainerEnv(source({ ...direct, JOBFORGE_PREPARE: "0" })).prepare, false);
  assert.throws(() => readContainerEnv(source(common)), /SUPABASE_SECRET_KEYS .* is missing/);
  assert.throws(() => readContainerEnv(source({})), /SUPABASE_URL is missing/);
});

Deno.test("an invalid setting of a container is named without its value", () => {
  const variables = {
    ...{ SUPABASE_URL: "ref.supabase.co", DATABASE_URL: "mysql://worker:planted@db/x" },
    ...{ JOBFORGE_POLL_MS: "99", JOBFORGE_GRACE_MS: "-1", JOBFORGE_PORT: "65536" },
  };
  assert.throws(() => readContainerEnv(source(variables)), ({ message }: Error) => {
    assert.match(message, /SUPABASE_URL must be a URL that starts with https:\/\/ or http:\/\//);
    assert.match(message, /DATABASE_URL must be a URL that starts with postgres:\/\//);
    assert.match(message, /JOBFORGE_POLL_MS must be an integer from 100 to 60000/);
    assert.match(message, /JOBFORGE_GRACE_MS must be an integer from 0 to 86400000/);
    assert.match(message, /JOBFORGE_PORT must be an integer from 0 to 65535/);
    assert.doesNotMatch(message, /planted/);
    return true;
  });
});
