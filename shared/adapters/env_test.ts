import assert from "node:assert/strict";
import { readEnqueueEnv, readWorkerEnv } from "./env.ts";

const source = (variables: Record<string, string>) => (name: string) => variables[name];
const URL_ = "http://127.0.0.1:54321";

Deno.test("the key called default is the worker's own, all of them are accepted", () => {
  const env = readWorkerEnv(source({
    SUPABASE_URL: URL_,
    SUPABASE_SECRET_KEYS: JSON.stringify({ cron: "k-cron", default: "k-default" }),
  }));
  assert.equal(env.serviceKey, "k-default");
  assert.deepEqual(env.secretKeys, ["k-default", "k-cron"]);
  assert.equal(env.wallClockMs, 60_000);
  assert.equal(env.concurrency, 20);
});

Deno.test("while keys rotate the worker uses the one it is told to, and still accepts both", () => {
  const variables = {
    SUPABASE_URL: URL_,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: "k-old", next: "k-new" }),
    JOBFORGE_SECRET_KEY_NAME: "next",
  };
  const env = readWorkerEnv(source(variables));
  assert.equal(env.serviceKey, "k-new");
  assert.deepEqual(env.secretKeys, ["k-new", "k-old"]);
  const misspelt = { ...variables, JOBFORGE_SECRET_KEY_NAME: "nxet" };
  assert.throws(() => readWorkerEnv(source(misspelt)), /JOBFORGE_SECRET_KEY_NAME names no key/);
});

Deno.test("legacy keys do where the new ones are absent", () => {
  const env = readWorkerEnv(source({ SUPABASE_URL: URL_, SUPABASE_SERVICE_ROLE_KEY: "legacy" }));
  assert.equal(env.serviceKey, "legacy");
  assert.equal(env.legacyServiceKey, "legacy");
  const enqueue = readEnqueueEnv(source({ SUPABASE_URL: URL_, SUPABASE_ANON_KEY: "anon" }));
  assert.equal(enqueue.publishableKey, "anon");
});

Deno.test("one message names everything that is missing or malformed", () => {
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
