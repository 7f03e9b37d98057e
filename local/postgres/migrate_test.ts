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
    await Deno.writeTextFile(String(files.seed), "insert into public.step values ('seed');");
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

Deno.test("extensions that this Postgres lacks are all named, before anything is applied", () =>
  withProject(
    {
      "20260101000000_fine.sql": "create table public.fine ();",
      "20260102000000_two.sql":
        'create extension vector;\ncreate extension if not exists "postgis";',
      "20260103000000_text.sql":
        "-- create extension no_comment;\nselect 'create extension no_text;';",
    },
    async ({ sql, url }, { files }) => {
      await assert.rejects(migrate(url, files), (error: StackError) => {
        assert.equal(error.code, "MIGRATION_FAILED");
        assert.match(
          error.message,
          /two\.sql: extension vector \(pgvector\)\n.*two\.sql: .*PostGIS/,
        );
        assert.doesNotMatch(error.message, /no_/);
        assert.match(error.hint, /Nothing was applied.*--db/);
        return true;
      });
      const [row] = await sql`select to_regclass('public.fine') is null as none`;
      assert.equal(row?.none, true);
    },
  ));

Deno.test("extensions that the stand-ins replace are passed over, and lines keep their numbers", () =>
  withProject(
    {
      "20260101000000_net.sql":
        "create extension if not exists pg_net\n  with schema extensions;\n" +
        'create extension if not exists "pg_graphql";\nselect nothing_like_this;',
    },
    async ({ url }, { files }) => {
      await assert.rejects(migrate(url, files), { message: /_net\.sql:4: column "nothing_like/ });
    },
  ));

const PIECES: Record<string, [statement: string, piece: RegExp]> = {
  "a bucket of Storage": [
    "insert into storage.buckets (id) values ('a')",
    /the schema storage of Storage/,
  ],
  "a policy of Realtime": [
    "create policy p on realtime.messages for select using (true)",
    /the schema realtime of Realtime/,
  ],
  "a queue of pgmq": ["select pgmq.create('q')", /the schema pgmq of the extension pgmq/],
  "a column of pgvector": [
    "create table t (v extensions.vector(3))",
    /the extension vector \(pgvector\)/,
  ],
  "a column of PostGIS": [
    "create table t (g geography(point))",
    /the extension postgis \(PostGIS\)/,
  ],
  "the publication of Realtime": [
    "alter publication supabase_realtime add table public.half",
    /the publication supabase_realtime/,
  ],
};

Deno.test("a migration that cannot run here is named with what it needs, and rolled back", async (t) => {
  for (const [what, [statement, piece]] of Object.entries(PIECES)) {
    const name = "20260101000000_first.sql";
    await t.step(
      what,
      () =>
        withProject(
          { [name]: `create table public.half ();\n${statement};` },
          async (database, project) => {
            await assert.rejects(migrate(database.url, project.files), (error: StackError) => {
              assert.match(error.message, new RegExp(`_first\\.sql needs ${piece.source}`));
              assert.match(error.hint, /^The file was rolled back\. (Run these|Run the project)/);
              return true;
            });
            const [row] = await database.sql`select to_regclass('public.half') is null as none`;
            assert.equal(row?.none, true);
          },
        ),
    );
  }
});

Deno.test("a file without a transaction that fails half-way says what to do", () =>
  withProject(
    {
      "20260101000000_index.sql": "create table public.thing (id int);\n" +
        "create index concurrently on public.thing (id);\nselect nothing_like_this;",
    },
    async ({ url }, { files }) => {
      await assert.rejects(migrate(url, files), (error: StackError) => {
        assert.match(error.hint, /its first 2 statements are in the database: start over/);
        return true;
      });
    },
  ));

Deno.test("seeds run together, in their order, once, or not at all", () =>
  withProject(TWO, async ({ sql, url }, { root, files }) => {
    const seed = ["a", "b"].map((name) => join(root, `${name}.sql`));
    await Deno.writeTextFile(seed[0]!, "insert into public.step values ('seed');");
    await Deno.writeTextFile(seed[1]!, "select nothing_like_this;");
    const seeds = async () => (await sql`select from public.step where name = 'seed'`).length;
    await assert.rejects(migrate(url, { ...files, seed }), { message: /b\.sql:1/ });
    assert.equal(await seeds(), 0);
    await Deno.writeTextFile(seed[1]!, "insert into public.step values ('seed');");
    await migrate(url, { ...files, seed });
    await migrate(url, { ...files, seed });
    assert.equal(await seeds(), 2);
  }));

Deno.test("statements are split outside of strings, bodies and comments", () => {
  const parts = [
    "create function f() returns text language sql as $body$ select ';'; $body$",
    "select 'it''s; fine', \"a;name\" /* not; here */",
    "create function g() returns int begin atomic select 1; select 2; end",
    "-- only; a comment\nselect 3",
  ];
  assert.deepEqual(splitStatements(parts.join(";\n") + ";\n-- the end\n"), parts);
});
