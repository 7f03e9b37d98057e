import { join } from "node:path";
import { type TestDatabase, withDatabase } from "../test/test_database.ts";
import { migrationFrom, type SchemaFolders } from "./migration.ts";
import { migrationName } from "./release.ts";

/** Where the scratch database of a schema is made. */
export interface ScratchOptions {
  /** The folder with the programs of another Postgres. */
  bin?: string | undefined;
}

/** Runs `use` with a database made from the schema files. */
export async function withSchemas<T>(
  { schemas }: SchemaFolders,
  use: (database: TestDatabase) => Promise<T>,
  options: ScratchOptions = {},
): Promise<T> {
  return await withFiles({ "1_schemas.sql": await migrationFrom(schemas) }, use, options);
}

/** Runs `use` with a database made from the migrations up to the one of `version`. */
export async function withRelease<T>(
  { migrations }: SchemaFolders,
  version: string,
  use: (database: TestDatabase) => Promise<T>,
  options: ScratchOptions = {},
): Promise<T> {
  const files: Record<string, string> = {};
  for (const file of await migrationsUpTo(migrations, version)) {
    files[file] = await Deno.readTextFile(join(migrations, file));
  }
  return await withFiles(files, use, options);
}

/** Thrown for a version that no migration releases. */
export class UnknownVersion extends Error {
  constructor(version: string, files: string[]) {
    super(`No migration releases ${version}. There are: ${files.join(", ") || "none"}.`);
  }
}

/** File names of the migrations up to the one that releases `version`, in order. */
export async function migrationsUpTo(folder: string, version: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const files = entries.map(({ name }) => name).filter((name) => name.endsWith(".sql")).sort();
  const last = files.findIndex((file) => file.endsWith(`_${migrationName(version)}.sql`));
  if (last < 0) throw new UnknownVersion(version, files);
  return files.slice(0, last + 1);
}

async function withFiles<T>(
  files: Record<string, string>,
  use: (database: TestDatabase) => Promise<T>,
  { bin }: ScratchOptions,
): Promise<T> {
  const migrations = await Deno.makeTempDir({ prefix: "jobforge-schema-" });
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(migrations, name), text);
    }
    return await withDatabase(use, { sources: { migrations }, bin });
  } finally {
    await Deno.remove(migrations, { recursive: true });
  }
}
