import assert from "node:assert/strict";
import { withDatabase } from "../test/test_database.ts";
import { NO_MIGRATIONS } from "../test/test_project.ts";
import type { Sql } from "./database.ts";

const withPlainDatabase = (use: (sql: Sql) => Promise<void>) =>
  withDatabase(({ sql }) => use(sql), { sources: NO_MIGRATIONS });

/** Runs one statement as another role. */
function as(sql: Sql, role: string, statement: string) {
  return sql.begin(async (transaction) => {
    await transaction.unsafe(`set local role ${role}`);
    return await transaction.unsafe(statement);
  });
}

Deno.test("the owner of the project is no superuser, as on the platform", () =>
  withPlainDatabase(async (sql) => {
    const [role] = await sql`
      select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication
      from pg_roles where rolname = current_user
    `;
    assert.deepEqual(role, {
      rolsuper: false,
      rolcreaterole: true,
      rolcreatedb: true,
      rolbypassrls: true,
      rolreplication: true,
    });
    await assert.rejects(sql`create extension dblink`, /permission denied/);
    await sql`create schema mine`;
    await sql`create table public.thing (id int)`;
  }));

Deno.test("a new table in public is granted to no role", () =>
  withPlainDatabase(async (sql) => {
    await sql`create table public.thing (id int)`;
    for (const role of ["anon", "authenticated", "service_role"]) {
      await assert.rejects(as(sql, role, "select from public.thing"), /permission denied/);
    }
  }));

Deno.test("secrets can be stored, read and changed by the owner", () =>
  withPlainDatabase(async (sql) => {
    const [made] = await sql`select vault.create_secret('first', 'name', 'note') as id`;
    await sql`select vault.update_secret(${made?.id}, 'second')`;
    const [row] = await sql`
      select name, description, secret, decrypted_secret from vault.decrypted_secrets
    `;
    assert.equal(row?.name, "name");
    assert.equal(row?.description, "note");
    assert.equal(row?.decrypted_secret, "second");
    assert.notEqual(row?.secret, "second");
    await assert.rejects(sql`select vault.create_secret('x', 'name')`, /duplicate key/);
  }));

Deno.test("service_role reads secrets; anon and authenticated cannot", () =>
  withPlainDatabase(async (sql) => {
    await as(sql, "service_role", "select vault.create_secret('value', 'name')");
    const read = "select decrypted_secret from vault.decrypted_secrets";
    assert.equal((await as(sql, "service_role", read))[0]?.decrypted_secret, "value");
    for (const role of ["anon", "authenticated"]) {
      await assert.rejects(as(sql, role, read), /permission denied/);
      await assert.rejects(as(sql, role, "select vault.create_secret('x')"), /permission denied/);
    }
  }));

Deno.test("every stand-in has a comment with what it is", () =>
  withPlainDatabase(async (sql) => {
    const rows = await sql`
      select obj_description(oid, 'pg_namespace') as comment
      from pg_namespace where nspname in ('cron', 'net', 'vault')
    `;
    assert.equal(rows.length, 3);
    for (const { comment } of rows) assert.match(comment, /^Development stand-in for /);
  }));

Deno.test("auth.uid() and auth.jwt() read the claims of the request", () =>
  withPlainDatabase(async (sql) => {
    const id = crypto.randomUUID();
    const claims = JSON.stringify({ sub: id, role: "authenticated" });
    const [row] = await as(
      sql,
      "authenticated",
      `select set_config('request.jwt.claims', '${claims}', true), auth.uid(), auth.jwt(), auth.role()`,
    );
    assert.equal(row?.uid, id);
    assert.deepEqual(row?.jwt, JSON.parse(claims));
    assert.equal(row?.role, "authenticated");
  }));
