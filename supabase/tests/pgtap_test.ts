import { join, relative } from "node:path";
import { connect, type Sql } from "../../local/database.ts";
import { createTestDatabase, type TestDatabaseOptions } from "../../local/test_database.ts";
import { installPgtap } from "./pgtap.ts";
import { runTapFile } from "./tap.ts";

const FOLDER = import.meta.dirname!;
const MIGRATIONS = join(FOLDER, "..", "migrations");

Deno.test("pgTAP", async (t) => {
  await withPgtap({}, async (sql) => {
    for (const file of await testFiles(FOLDER)) await runAsStep(t, sql, file);
  });
});

// Projects made before 2026 grant everything new in public to the API roles.
Deno.test("pgTAP: rights in a project with Supabase's former default grants", async (t) => {
  const migrations = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(migrations, "0_grants.sql"), FORMER_DEFAULT_GRANTS);
    for await (const { name } of Deno.readDir(MIGRATIONS)) {
      await Deno.copyFile(join(MIGRATIONS, name), join(migrations, name));
    }
    await withPgtap({ sources: { migrations } }, async (sql) => {
      for (const folder of ["catalog", "rights"]) {
        for (const file of await testFiles(join(FOLDER, folder))) await runAsStep(t, sql, file);
      }
    });
  } finally {
    await Deno.remove(migrations, { recursive: true });
  }
});

const FORMER_DEFAULT_GRANTS = ["tables", "functions", "sequences"].map((objects) =>
  `alter default privileges grant all on ${objects} to anon, authenticated, service_role;`
).join("\n");

async function runAsStep(t: Deno.TestContext, sql: Sql, file: string): Promise<void> {
  await t.step(relative(FOLDER, file), async () => {
    const { problems } = await runTapFile(sql, file);
    if (problems.length > 0) throw new Error(`\n${problems.join("\n")}`);
  });
}

async function withPgtap(
  options: TestDatabaseOptions,
  use: (sql: Sql) => Promise<void>,
): Promise<void> {
  const database = await createTestDatabase(options);
  const admin = connect(database.adminUrl);
  try {
    await installPgtap(admin);
    await database.sql.unsafe(await Deno.readTextFile(join(FOLDER, "000_helpers.sql")));
    await database.sql.unsafe("discard all");
    await use(database.sql);
  } finally {
    await admin.end();
    await database.drop();
  }
}

async function testFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) files.push(...await testFiles(path));
    else if (entry.name.endsWith(".test.sql")) files.push(path);
  }
  return files.sort();
}
