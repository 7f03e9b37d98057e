import assert from "node:assert/strict";
import { glob } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Sql } from "../postgres/database.ts";
import { splitStatements } from "../postgres/migrate.ts";
import { PROJECT_ROOT } from "../project.ts";
import { withDatabase } from "../test/test_database.ts";
import { forgetReleases, withEdits } from "./edited_copy.ts";
import {
  migrationFrom,
  migrationProblems,
  schemaFiles,
  schemaFolders,
  writeFirstMigration,
} from "./migration.ts";

const FOLDERS = schemaFolders(PROJECT_ROOT);
const EMPTY = { sources: {} };

Deno.test("the migrations are what was released and what supabase/schemas gives", async () => {
  assert.deepEqual(await migrationProblems(FOLDERS), []);
});

Deno.test("schema files are loaded in name order of their path, each below its name", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["20_b/a.sql", "10_a/b.sql", "99_last.sql", "10_a/a.sql", "10_a/note.md"]) {
      await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
      await Deno.writeTextFile(join(folder, name), `select '${name}';`);
    }
    const text = await migrationFrom(folder);
    assert.match(text, /^-- JobForge \d+\.\d+\.\d+\n/);
    assert.deepEqual(text.match(/^(-- supabase\/schemas|select).*$/gm), [
      "-- supabase/schemas/10_a/a.sql",
      "select '10_a/a.sql';",
      "-- supabase/schemas/10_a/b.sql",
      "select '10_a/b.sql';",
      "-- supabase/schemas/20_b/a.sql",
      "select '20_b/a.sql';",
      "-- supabase/schemas/99_last.sql",
      "select '99_last.sql';",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an edited schema file makes the migration outdated until it is written again", async () => {
  const edit = { file: "99_rights.sql", find: /^/, replace: "-- Edited.\n" };
  await withEdits([edit], async (folders) => {
    const problems = await migrationProblems(folders);
    assert.match(problems.join(), /run `deno task schema`/);
    await forgetReleases(folders);
    assert.deepEqual(await migrationProblems(folders), []);
    await writeFirstMigration(folders);
    assert.deepEqual(await migrationProblems(folders), []);
  });
});

Deno.test("schema_paths of config.toml name the schema files in load order", async () => {
  const config = await Deno.readTextFile(join(PROJECT_ROOT, "supabase", "config.toml"));
  const [, list = ""] = /^schema_paths = \[([^\]]*)\]/m.exec(config) ?? [];
  const found: string[] = [];
  for (const [, pattern = ""] of list.matchAll(/"([^"]*)"/g)) {
    const paths = await Array.fromAsync(glob(join(PROJECT_ROOT, "supabase", pattern)));
    found.push(...paths.map((path) => relative(FOLDERS.schemas, path)).sort());
  }
  assert.deepEqual(found, await schemaFiles(FOLDERS.schemas));
});

/** How tools run a migration: all of it in one transaction, or each statement on its own. */
const WAYS: Record<string, (sql: Sql, text: string) => Promise<unknown>> = {
  "in one transaction": (sql, text) => sql.begin((transaction) => transaction.unsafe(text)),
  "as one message": (sql, text) => sql.unsafe(text),
  "statement by statement": async (sql, text) => {
    for (const statement of splitStatements(text)) await sql.unsafe(statement);
  },
  "in one transaction with the next": (sql, text) =>
    sql.begin(async (transaction) => {
      await transaction.unsafe(text);
      const [row] = await transaction`show check_function_bodies`;
      assert.equal(row!.check_function_bodies, "on");
    }),
};

for (const [way, run] of Object.entries(WAYS)) {
  Deno.test(`the migration runs ${way} and leaves no setting behind`, async () => {
    await withDatabase(async ({ sql }) => {
      // Loads plpgsql, which brings settings of its own.
      await sql`do $$begin end$$`;
      const settings = () => sql`select name, setting from pg_settings order by name`;
      const before = await settings();
      await run(sql, await migrationFrom(FOLDERS.schemas));
      assert.deepEqual(await settings(), before);
    }, EMPTY);
  });
}

Deno.test("a failed migration leaves no setting behind where it runs in one transaction", async () => {
  await withDatabase(async ({ sql }) => {
    const text = await migrationFrom(FOLDERS.schemas) + "select 1 / 0;\n";
    await assert.rejects(sql.begin((transaction) => transaction.unsafe(text)), /division by zero/);
    const [row] = await sql`show check_function_bodies`;
    assert.equal(row!.check_function_bodies, "on");
  }, EMPTY);
});

Deno.test("every function body is valid, though the migration does not check it", async () => {
  await withDatabase(async ({ sql }) => {
    assert.deepEqual(await invalidBodies(sql), []);
    await sql`set check_function_bodies = off`;
    await sql`create function jobforge.gone() returns int language sql as 'select missing()'`;
    await sql`reset check_function_bodies`;
    assert.deepEqual(await invalidBodies(sql), [
      "jobforge.gone(): function missing() does not exist",
    ]);
  });
});

/** Creates every function again, with its body checked, and takes all of it back. */
async function invalidBodies(sql: Sql): Promise<string[]> {
  const functions = await sql<{ name: string; definition: string }[]>`
    select p.oid::regprocedure::text as name, pg_get_functiondef(p.oid) as definition
    from pg_proc p
    where p.prokind <> 'a'
      and (p.pronamespace = 'jobforge'::regnamespace or p.proname like 'jobforge\\_%')
    order by 1
  `;
  assert.ok(functions.length > 100, `${functions.length} functions`);
  const invalid: string[] = [];
  for (const { name, definition } of functions) {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(definition);
      throw new RolledBack();
    }).catch((error) => {
      if (!(error instanceof RolledBack)) invalid.push(`${name}: ${error.message}`);
    });
  }
  return invalid;
}

class RolledBack extends Error {}
