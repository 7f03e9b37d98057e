import assert from "node:assert/strict";
import { join } from "node:path";
import { StackError } from "../errors.ts";
import { type TestDatabase, withDatabase } from "../test/test_database.ts";
import { NO_MIGRATIONS, type TestProject, testProject } from "../test/test_project.ts";
import { migrate, splitStatements } from "./migrate.ts";

async function withProject(
  migrations: Record<string, string>,
  use: (database: TestDatabase, project: TestProject) => Promise<void>,
): Promise<void> {
  const project = await testProject({ migrations });
  try {
    await withDatabase((database) => use(database, project), { sources: NO_MIGRATIONS });
  } finally {
    await project.remove();
  }
}

const TWO = {
  "20260102000000_second.sql": "insert into public.step values ('second');",
  "20260101000000_first.sql": "create table public.step (name text); -- a; b\nselect ';';",
};

Deno.test("migrations run in order, once, and are recorded as the CLI does", () =>
  withProject(TWO, async ({ sql, url }, { files }) => {
    assert.deepEqual(await migrate(url, files), ["20260101000000", "20260102000000"]);
    assert.deepEqual(await migrate(url, files), []);
    const rows = await sql`
      select version, name, statements from supabase_migrations.schema_migrations order by version
    `;
    assert.deepEqual([...rows], [
      {
        version: "20260101000000",
        name: "first",
        statements: ["create table public.step (name text)", "-- a; b\nselect ';'"],
      },
      {
        version: "20260102000000",
        name: "second",
        statements: ["insert into public.step values ('second')"],
      },
    ]);
  }));

Deno.test("an applied migration that was edited requires a reset", () =>
  withProject(TWO, async ({ url }, { files }) => {
    await migrate(url, files);
    await Deno.writeTextFile(join(files.migrations, "20260101000000_first.sql"), "select 1;");
    await assert.rejects(migrate(url, files), (error: StackError) => {
      assert.equal(error.code, "DATA_OUTDATED");
      assert.match(error.message, /20260101000000_first\.sql/);
      assert.match(error.hint, /deno task reset/);
      return true;
    });
  }));

Deno.test("a failing migration is rolled back and its line is named", () =>
  withProject(
    { "20260101000000_bad.sql": "create table public.half ();\n\nselect nothing_like_this;\n" },
    async ({ sql, url }, { files }) => {
      await assert.rejects(migrate(url, files), (error: StackError) => {
        assert.equal(error.code, "MIGRATION_FAILED");
        assert.match(error.message, /20260101000000_bad\.sql:3: column "nothing_like_this"/);
        return true;
      });
      const [row] = await sql`select to_regclass('public.half') as half`;
      assert.equal(row?.half, null);
    },
  ));

Deno.test("the seed runs once", () =>
  withProject(TWO, async ({ sql, url }, { files }) => {
    await Deno.writeTextFile(files.seed!, "insert into public.step values ('seed');");
    await migrate(url, files);
    await migrate(url, files);
    const [row] = await sql`select count(*)::int from public.step where name = 'seed'`;
    assert.equal(row?.count, 1);
  }));

Deno.test("an index can be built concurrently", () =>
  withProject(
    {
      "20260101000000_table.sql": "create table public.thing (id int);",
      "20260102000000_index.sql": "create index concurrently thing_idx on public.thing (id);",
    },
    async ({ sql, url }, { files }) => {
      await migrate(url, files);
      const [row] = await sql`select to_regclass('public.thing_idx') is not null as made`;
      assert.equal(row?.made, true);
    },
  ));

Deno.test("statements are split outside of strings, bodies and comments", () => {
  const parts = [
    "create function f() returns text language sql as $body$ select ';'; $body$",
    "select 'it''s; fine', \"a;name\" /* not; here */",
    "create function g() returns int begin atomic select 1; select 2; end",
    "-- only; a comment\nselect 3",
  ];
  assert.deepEqual(splitStatements(parts.join(";\n") + ";\n-- the end\n"), parts);
});
