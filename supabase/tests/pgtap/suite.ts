import { join, relative } from "node:path";
import { connect, type Sql } from "../../../local/postgres/database.ts";
import {
  type TestDatabase,
  type TestDatabaseOptions,
  withDatabase,
} from "../../../local/test/test_database.ts";
import { installPgtap } from "./pgtap.ts";
import { runTapFile } from "./tap.ts";

const FOLDER = join(import.meta.dirname!, "..");

/** Projects made before 2026 grant everything new in public to the API roles. */
export const FORMER_DEFAULT_GRANTS = ["tables", "functions", "sequences"].map((objects) =>
  `alter default privileges grant all on ${objects} to anon, authenticated, service_role;`
).join("\n");

/** What a suite runs on. */
export interface SuiteOptions extends TestDatabaseOptions {
  /** Changes the database before pgTAP and the fixtures come. */
  prepare?(database: TestDatabase): Promise<void>;
}

/** Runs the pgTAP files of some folders below this one, a step each, on a database of their own. */
export async function runFolders(
  t: Deno.TestContext,
  folders: string[],
  { prepare, ...options }: SuiteOptions = {},
): Promise<void> {
  await withDatabase(async (database) => {
    await prepare?.(database);
    await preparePgtap(database, FOLDER);
    for (const folder of folders) {
      for (const file of await testFiles(join(FOLDER, folder))) {
        await runAsStep(t, database.sql, file);
      }
    }
  }, options);
}

/** Installs pgTAP and the fixtures of the tests in `folder`. */
export async function preparePgtap(database: TestDatabase, folder: string): Promise<void> {
  const admin = connect(database.adminUrl);
  await installPgtap(admin).finally(() => admin.end());
  for (const file of await fixtureFiles(join(folder, "fixtures"))) {
    await database.sql.unsafe(await Deno.readTextFile(file));
  }
  await database.sql.unsafe("discard all");
}

/** Fixtures are numbered. A file without a number is loaded by the test that names it. */
async function fixtureFiles(folder: string): Promise<string[]> {
  const files = await Array.fromAsync(Deno.readDir(folder));
  const names = files.map(({ name }) => name).filter((name) => /^\d\d_\w+\.sql$/.test(name));
  return names.sort().map((name) => join(folder, name));
}

async function runAsStep(t: Deno.TestContext, sql: Sql, file: string): Promise<void> {
  await t.step(relative(FOLDER, file), async () => {
    const { problems } = await runTapFile(sql, file);
    if (problems.length > 0) throw new Error(`\n${problems.join("\n")}`);
  });
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
