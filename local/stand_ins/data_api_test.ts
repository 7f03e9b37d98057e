import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { connect } from "../postgres/database.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import { eventually, testProject } from "../test/test_project.ts";

const MIGRATION = `
create table public.note (id int primary key, tenant text);
insert into public.note values (1, 'a'), (2, 'b');
alter table public.note enable row level security;
create policy note_select_authenticated on public.note for select to authenticated
  using (tenant = (select auth.jwt() -> 'app_metadata' ->> 'tenant_id'));
grant select on public.note to authenticated, service_role;

create function public.whoami() returns jsonb language sql stable as $$
  select jsonb_build_object(
    'role', current_user,
    'session', session_user,
    'timeout', current_setting('statement_timeout'),
    'claims', current_setting('request.jwt.claims', true)::jsonb
  )
$$;

create table public.late_note (id int primary key);
create function public.say_timeout() returns trigger language plpgsql as $$
begin
  raise sqlstate 'PT409' using message = current_setting('statement_timeout');
end $$;
create constraint trigger at_commit after insert on public.late_note
deferrable initially deferred for each row execute function public.say_timeout();
create function public.write_note() returns void language sql security definer
set statement_timeout = '1234ms' as $$ insert into public.late_note values (1) $$;

create function public.words() returns table (word text) language sql volatile
set statement_timeout = '300ms' as $$ values ('queued') $$;
create function public.word() returns text language sql volatile
set statement_timeout = '300ms' as $$ select 'queued' $$;

create function public.echo(value jsonb) returns jsonb language sql as $$ select value $$;

create function public.over_limit() returns void language plpgsql as $$
begin
  raise sqlstate 'PT429' using message = 'too many', detail = 'seven', hint = 'wait';
end $$;
`;

async function withStack(use: (stack: Stack) => Promise<void>): Promise<void> {
  const project = await testProject({ migrations: { "20260101000000_note.sql": MIGRATION } });
  const { seed: _, ...files } = project.files;
  try {
    const stack = await startStack({ files });
    try {
      await use(stack);
    } finally {
      await stack.stop();
    }
  } finally {
    await project.remove();
  }
}

async function rpc(
  stack: Stack,
  name: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${stack.url}/rest/v1/rpc/${name}`, { method: "POST", headers });
  return { status: response.status, body: await response.json() };
}

function client(stack: Stack, key: string, token?: string) {
  return createClient(stack.url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    ...(token ? { global: { headers: { Authorization: `Bearer ${token}` } } } : {}),
  });
}

Deno.test("the gateway gives each credential its role", () =>
  withStack(async (stack) => {
    const role = async (headers: Record<string, string>) =>
      (await rpc(stack, "whoami", headers)).body.role;
    const apikey = stack.publishableKey;
    const user = `Bearer ${await stack.signUserToken({ tenantId: "a" })}`;
    assert.equal(await role({ apikey }), "anon");
    assert.equal(await role({ apikey: stack.secretKey }), "service_role");
    assert.equal(await role({ apikey, authorization: user }), "authenticated");
    assert.equal(await role({ apikey: stack.secretKey, authorization: user }), "authenticated");
  }));

Deno.test("JSON passes with the numbers it has, as through PostgREST", () =>
  withStack(async (stack) => {
    const sent = '{"id": 1970670598291982290, "sums": [0.12345678901234567890, 1, "1"]}';
    const response = await fetch(`${stack.url}/rest/v1/rpc/echo`, {
      method: "POST",
      headers: { apikey: stack.secretKey, "content-type": "application/json" },
      body: `{"value":${sent}}`,
    });
    assert.equal(await response.text(), sent.replaceAll(" ", ""));
  }));

Deno.test("a key that supabase-js repeats as bearer counts as the key", () =>
  withStack(async (stack) => {
    const { data } = await client(stack, stack.secretKey).rpc("whoami");
    assert.equal(data.role, "service_role");
    assert.equal(data.session, "authenticator");
  }));

const SLOW = `match.${encodeURIComponent(`^(.+)${"(.*)".repeat(80)}\\1$`)}`;
const filters = [
  ["a column", "words?word="],
  ["a scalar", "word?pgrst_scalar="],
];

for (const [what, filter] of filters) {
  Deno.test(`the statement_timeout of a function holds for a filter of ${what}`, () =>
    withStack(async (stack) => {
      const call = async (pattern: string) => {
        const url = `${stack.url}/rest/v1/rpc/${filter}${pattern}`;
        const response = await fetch(url, { method: "POST", headers: { apikey: stack.secretKey } });
        return { status: response.status, body: await response.json() };
      };
      assert.equal((await call("match.^q")).status, 200);
      const { status, body } = await call(SLOW);
      assert.equal(status, 500);
      assert.match(body.message, /canceling statement due to statement timeout/);
    }));
}

Deno.test("the statement_timeout of a function holds until its commit and no longer", () =>
  withStack(async (stack) => {
    const headers = { apikey: stack.secretKey };
    assert.match(JSON.stringify((await rpc(stack, "write_note", headers)).body), /1234ms/);
    assert.equal((await rpc(stack, "whoami", headers)).body.timeout, "8s");
  }));

Deno.test("a user sees what the policies allow", () =>
  withStack(async (stack) => {
    const token = await stack.signUserToken({ tenantId: "b", sub: crypto.randomUUID() });
    const { data } = await client(stack, stack.publishableKey, token).from("note").select();
    assert.deepEqual(data, [{ id: 2, tenant: "b" }]);
  }));

Deno.test("the claims reach the database", () =>
  withStack(async (stack) => {
    const sub = crypto.randomUUID();
    const token = await stack.signUserToken({ sub, tenantIds: ["a", "b"], plan: "pro" });
    const { data } = await client(stack, stack.publishableKey, token).rpc("whoami");
    assert.equal(data.claims.sub, sub);
    assert.equal(data.claims.plan, "pro");
    assert.equal(data.claims.iss, `${stack.url}/auth/v1`);
    assert.deepEqual(data.claims.app_metadata.tenant_ids, ["a", "b"]);
  }));

const refusals: [string, (stack: Stack) => Promise<Record<string, string>>, number, string?][] = [
  ["no key", () => Promise.resolve({}), 401],
  ["an unknown key", () => Promise.resolve({ apikey: "sb_secret_guess" }), 401],
  ["a secret key as bearer only", ({ secretKey }) => bearer({}, secretKey), 401],
  [
    "a secret key as bearer beside the publishable key",
    withKey((s) => s.secretKey),
    401,
    "PGRST301",
  ],
  ["a bearer that is no token", withKey(() => "junk"), 401, "PGRST301"],
  ["an expired token", withKey((s) => s.signUserToken({ expiresIn: -60 })), 401, "PGRST303"],
  ["a role the gateway may not take", withKey((s) => s.signUserToken({ role: "postgres" })), 403],
];

for (const [what, headers, status, code] of refusals) {
  Deno.test(`the Data API refuses ${what}`, () =>
    withStack(async (stack) => {
      const answer = await rpc(stack, "whoami", await headers(stack));
      assert.equal(answer.status, status);
      if (code) assert.equal(answer.body.code, code);
    }));
}

function withKey(token: (stack: Stack) => string | Promise<string>) {
  return async (stack: Stack) => await bearer({ apikey: stack.publishableKey }, await token(stack));
}

function bearer(headers: Record<string, string>, token: string): Promise<Record<string, string>> {
  return Promise.resolve({ ...headers, authorization: `Bearer ${token}` });
}

Deno.test("serving requests grants nothing", () =>
  withStack(async (stack) => {
    const token = await stack.signUserToken({ tenantId: "b" });
    await client(stack, stack.publishableKey, token).from("note").select();
    const { error } = await client(stack, stack.publishableKey, token).from("note").delete().eq(
      "id",
      2,
    );
    assert.equal(error?.code, "42501");
    assert.equal(
      (await client(stack, stack.publishableKey).from("note").select()).error?.code,
      "42501",
    );
  }));

Deno.test("an error with a PT code becomes that status", () =>
  withStack(async (stack) => {
    const { status, body } = await rpc(stack, "over_limit", { apikey: stack.secretKey });
    assert.equal(status, 429);
    assert.deepEqual(body, { code: "PT429", message: "too many", details: "seven", hint: "wait" });
    assert.deepEqual(stack.logs("data-api"), ["PostgresError: too many"]);
  }));

Deno.test("users sign up and sign in, and use their token", () =>
  withStack(async (stack) => {
    const supabase = client(stack, stack.publishableKey);
    const credentials = { email: "ada@example.test", password: "correct horse" };
    assert.equal((await supabase.auth.signUp(credentials)).error, null);
    const { data, error } = await supabase.auth.signInWithPassword(credentials);
    assert.equal(error, null);
    const answer = await supabase.rpc("whoami");
    assert.equal(answer.data.role, "authenticated");
    assert.equal(answer.data.claims.sub, data.user?.id);
  }));

Deno.test("a table made while the stack runs is served", () =>
  withStack(async (stack) => {
    const supabase = client(stack, stack.secretKey);
    assert.equal((await supabase.from("later").select()).error?.code, "PGRST205");
    const sql = connect(stack.dbUrl);
    await sql`create table public.later as select 1 as id`;
    await sql`grant select, delete on public.later to service_role`;
    await sql.end();
    await eventually("the new table", async () => {
      const { data } = await supabase.from("later").select();
      return data ?? undefined;
    });
    const { error } = await supabase.from("later").delete();
    assert.match(error?.message ?? "", /WHERE clause/, "deleting everything is refused");
  }));

Deno.test("a browser of another origin may call the Data API", () =>
  withStack(async (stack) => {
    const response = await fetch(`${stack.url}/rest/v1/note`, {
      method: "OPTIONS",
      headers: {
        "origin": "http://app.test",
        "access-control-request-method": "POST",
        "access-control-request-headers": "apikey,authorization",
      },
    });
    await response.body?.cancel();
    assert.equal(response.ok, true);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.match(response.headers.get("access-control-allow-headers") ?? "", /authorization/);
  }));
