import assert from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { connect, type Sql } from "../postgres/database.ts";
import { type Stack, startStack } from "../stack/stack.ts";

const ACME = "11111111-1111-4111-8111-111111111111";
const GLOBEX = "22222222-2222-4222-8222-222222222222";
const PASSWORD = "a-password-of-a-user";

interface People {
  stack: Stack;
  sql: Sql;
  /** A client with the secret key. */
  admin: SupabaseClient;
  /** A client of a browser. */
  visitor(): SupabaseClient;
}

async function withPeople(use: (people: People) => Promise<void>): Promise<void> {
  const stack = await startStack({ functions: [] });
  const sql = connect(stack.dbUrl);
  const auth = { persistSession: false, autoRefreshToken: false };
  try {
    await use({
      ...{ stack, sql },
      admin: createClient(stack.url, stack.secretKey, { auth }),
      visitor: () => createClient(stack.url, stack.publishableKey, { auth }),
    });
  } finally {
    await sql.end();
    await stack.stop();
  }
}

/** Signs in and enqueues, and returns the tenant of the job. */
async function tenantOf(client: SupabaseClient, email: string): Promise<unknown> {
  const { error } = await client.auth.signInWithPassword({ email, password: PASSWORD });
  assert.equal(error, null);
  const enqueued = await client.rpc("jobforge_enqueue_job", { p_type: "test.job" });
  if (enqueued.error) return enqueued.error.code;
  const jobs = await client.from("jobforge_jobs").select("tenant_id");
  return [...new Set(jobs.data!.map(({ tenant_id }) => tenant_id))].join();
}

Deno.test("a user gets a tenant in the ordinary ways, and no other one", async (t) => {
  await withPeople(async ({ admin, visitor, sql }) => {
    await t.step("auth.admin.createUser with the secret key", async () => {
      const { data, error } = await admin.auth.admin.createUser({
        ...{ email: "ada@acme.test", password: PASSWORD, email_confirm: true },
        ...{ app_metadata: { tenant_id: ACME }, user_metadata: { name: "Ada" } },
      });
      assert.equal(error, null);
      assert.equal(data.user!.app_metadata.tenant_id, ACME);
      assert.equal(await tenantOf(visitor(), "ada@acme.test"), ACME);
    });
    await t.step("SQL as postgres, after a sign-up", async () => {
      const client = visitor();
      const email = "bob@globex.test";
      assert.equal((await client.auth.signUp({ email, password: PASSWORD })).error, null);
      assert.equal(await tenantOf(client, email), "42501");
      await sql`update auth.users
        set raw_app_meta_data = raw_app_meta_data || jsonb_build_object('tenant_id', ${GLOBEX}::text)
        where email = ${email}`;
      const { data } = await client.auth.refreshSession();
      assert.equal(data.user!.app_metadata.tenant_id, GLOBEX);
      const enqueued = await client.rpc("jobforge_enqueue_job", { p_type: "test.job" });
      assert.equal(enqueued.error, null);
      assert.equal(await tenantOf(client, email), GLOBEX);
    });
    await t.step("a user cannot set it", async () => {
      const client = visitor();
      const email = "eve@nowhere.test";
      const options = { data: { tenant_id: ACME, app_metadata: { tenant_id: ACME } } };
      await client.auth.signUp({ email, password: PASSWORD, options });
      assert.equal(await tenantOf(client, email), "42501");
      const refused = await client.auth.admin.createUser({
        ...{ email: "mallory@acme.test", password: PASSWORD, app_metadata: { tenant_id: ACME } },
      });
      assert.equal(refused.error?.code, "not_admin");
    });
  });
});

Deno.test("the secret key reads, updates and deletes users", () =>
  withPeople(async ({ admin, visitor }) => {
    const { data: { user } } = await admin.auth.admin.createUser({ email: "ada@acme.test" });
    const id = user!.id;
    const again = await admin.auth.admin.createUser({ email: "ada@acme.test" });
    assert.equal(again.error?.code, "user_already_exists");
    const metadata = { app_metadata: { tenant_id: ACME, provider: null } };
    const updated = await admin.auth.admin.updateUserById(id, metadata);
    assert.deepEqual(updated.data.user!.app_metadata, { providers: ["email"], tenant_id: ACME });
    const password = await admin.auth.admin.updateUserById(id, { password: PASSWORD });
    assert.equal(password.error?.code, "unsupported");
    const all = await admin.auth.admin.listUsers();
    assert.deepEqual(all.data.users.map(({ email }) => email), ["ada@acme.test"]);
    assert.equal((await visitor().auth.admin.getUserById(id)).error?.code, "not_admin");
    assert.equal((await admin.auth.admin.deleteUser(id)).error, null);
    assert.equal((await admin.auth.admin.getUserById(id)).error?.code, "user_not_found");
  }));

Deno.test("pages of other origins may call Auth and the Data API", () =>
  withPeople(async ({ stack }) => {
    for (const path of ["/auth/v1/signup", "/rest/v1/rpc/jobforge_schema_version"]) {
      const headers = { origin: "http://127.0.0.1:1", apikey: stack.publishableKey };
      const preflight = await fetch(stack.url + path, {
        method: "OPTIONS",
        headers: {
          ...headers,
          "access-control-request-method": "POST",
          "access-control-request-headers": "apikey,content-type",
        },
      });
      assert.equal(preflight.headers.get("access-control-allow-headers"), "apikey,content-type");
      const reply = await fetch(stack.url + path, { method: "POST", headers, body: "{}" });
      await reply.body?.cancel();
      assert.equal(reply.headers.get("access-control-allow-origin"), "*", path);
    }
  }));
