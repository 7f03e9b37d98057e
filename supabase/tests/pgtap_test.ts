import { join, relative } from "node:path";
import { connect } from "../../local/database.ts";
import { createTestDatabase } from "../../local/test_database.ts";
import { installPgtap } from "./pgtap.ts";
import { runTapFile } from "./tap.ts";

const FOLDER = import.meta.dirname!;

Deno.test("pgTAP", async (t) => {
  const database = await prepareDatabase();
  try {
    for (const file of await testFiles(FOLDER)) {
      await t.step(relative(FOLDER, file), async () => {
        const { problems } = await runTapFile(database.url, file);
        if (problems.length > 0) throw new Error(`\n${problems.join("\n")}`);
      });
    }
  } finally {
    await database.drop();
  }
});

/** A fresh database, or the one of JOBFORGE_TEST_DATABASE_URL (a superuser's, or with pgTAP). */
async function prepareDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const given = Deno.env.get("JOBFORGE_TEST_DATABASE_URL");
  const database = given
    ? { url: given, adminUrl: given, drop: () => Promise.resolve() }
    : await createTestDatabase();
  const admin = connect(database.adminUrl);
  await installPgtap(admin);
  await admin.end();
  const owner = connect(database.url);
  await owner.unsafe(await Deno.readTextFile(join(FOLDER, "000_helpers.sql")));
  await owner.end();
  return database;
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
