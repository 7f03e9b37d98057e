import assert from "node:assert/strict";
import { join } from "node:path";
import { connect, type Sql, withDatabaseName } from "../../local/postgres/database.ts";
import { createTestDatabase } from "../../local/test/test_database.ts";
import { builtPackage } from "./built_package.ts";

const { installSchema, setTime }: typeof import("../jobforge/testing_postgres.ts") = await import(
  join(await builtPackage(), "testing/postgres.js")
);
const TENANT = "11111111-1111-4111-8111-111111111111";

/** Runs a test with an empty database of a server. */
async function withEmpty(use: (sql: Sql) => Promise<void>): Promise<void> {
  const server = await createTestDatabase({ sources: {} });
  const name = `jobforge_empty_${crypto.randomUUID().slice(0, 8)}`;
  const admin = connect(withDatabaseName(server.adminUrl, "template1"));
  await admin.unsafe(`create database ${name}`);
  const sql = connect(withDatabaseName(server.adminUrl, name));
  try {
    await use(sql);
  } finally {
    await sql.end();
    await admin.unsafe(`drop database ${name}`);
    await admin.end();
    await server.drop();
  }
}

Deno.test("an empty database gets the schema, its rights, and a time that a test sets", () =>
  withEmpty(async (sql) => {
    const execute = (text: string) => sql.unsafe(text);
    await installSchema(execute);
    await setTime(execute, "2026-03-01T08:00:00Z");
    const [job] = await sql`
      select job_id from jobforge_enqueue_job(
        ${TENANT}, 'mail.send', '{"to":"ada"}', p_run_at => '2026-03-01T09:00:00Z')`;
    const [row] = await sql`select status, created_at from jobforge_jobs where id = ${job!.job_id}`;
    assert.deepEqual([row!.status, row!.created_at.toISOString()], [
      ...["scheduled", "2026-03-01T08:00:00.000Z"],
    ]);
    await setTime(execute, new Date("2026-03-01T09:00:01Z"));
    await sql`select jobforge_dispatch()`;
    const [due] = await sql`select status from jobforge_jobs where id = ${job!.job_id}`;
    assert.equal(due!.status, "queued");
    await sql.unsafe("set role authenticated");
    const [seen] = await sql`select count(*)::int as jobs from jobforge_jobs`;
    assert.equal(seen!.jobs, 0, "a user without a tenant sees no job");
    await sql.unsafe("reset role");
    await setTime(execute, undefined);
    const [clock] = await sql`select jobforge.clock() > '2026-04-01' as goes_on`;
    assert.equal(clock!.goes_on, true);
    await assert.rejects(setTime(execute, "soon"), /time must be ISO 8601/);
  }));

Deno.test("a database that is not empty gets nothing", () =>
  withEmpty(async (sql) => {
    await sql`create schema jobforge`;
    await assert.rejects(installSchema((text) => sql.unsafe(text)), /"jobforge" already exists/);
    const [left] = await sql`select to_regnamespace('cron') is null as nothing`;
    assert.equal(left!.nothing, true);
  }));
