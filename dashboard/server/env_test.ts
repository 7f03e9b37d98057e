import assert from "node:assert/strict";
import { readDashboardEnv } from "./env.ts";

const STACK = "export SUPABASE_URL='http://127.0.0.1:54421'\n" +
  "export SUPABASE_SECRET_KEY='sb_secret_local'\n";

function read(variables: Record<string, string>, localStack = "") {
  return readDashboardEnv((name) => variables[name], localStack);
}

Deno.test("the environment names the project", () => {
  assert.deepEqual(
    read({
      SUPABASE_URL: "https://abc.supabase.co",
      SUPABASE_SECRET_KEY: "sb_secret_x",
      JOBFORGE_DASHBOARD_PORT: "5000",
    }, STACK),
    { supabaseUrl: "https://abc.supabase.co", secretKey: "sb_secret_x", port: 5000 },
  );
});

Deno.test("without one it is the local stack that runs", () => {
  assert.deepEqual(read({}, STACK), {
    supabaseUrl: "http://127.0.0.1:54421",
    secretKey: "sb_secret_local",
    port: undefined,
  });
});

Deno.test("a project's URL is never used with the local stack's key", () => {
  assert.throws(
    () => read({ SUPABASE_URL: "https://abc.supabase.co" }, STACK),
    /SUPABASE_SECRET_KEY missing/,
  );
});

Deno.test("what is missing is named, and no key travels in clear", () => {
  assert.throws(() => read({}), /SUPABASE_URL and SUPABASE_SECRET_KEY missing/);
  for (const url of ["http://abc.supabase.co", "ftp://127.0.0.1", "abc"]) {
    assert.throws(
      () => read({ SUPABASE_URL: url, SUPABASE_SECRET_KEY: "sb_secret_x" }),
      (error) => {
        assert.match(String(error), /must be https/);
        assert.doesNotMatch(String(error), /sb_secret_x/);
        return true;
      },
    );
  }
  assert.throws(() => read({ JOBFORGE_DASHBOARD_PORT: "http" }, STACK), /must be a port/);
});
