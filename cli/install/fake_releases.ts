import { join } from "node:path";
import { cp } from "node:fs/promises";
import { type Edit, edit, forgetReleases, withEdits } from "../../local/schema/edited_copy.ts";
import {
  migrationFile,
  migrationFrom,
  type SchemaFolders,
  schemasHash,
  setVersion,
} from "../../local/schema/migration.ts";
import { addRelease, nextVersions, sha256Of } from "../../local/schema/release.ts";
import { writeUnreleased } from "../../local/schema/unreleased.ts";
import { builtPackage } from "../../packages/pack/built_package.ts";
import { VERSION } from "../../shared/core/version.ts";

/** The minor version after this one. */
export const NEXT = nextVersions(VERSION)[1];

/** A release after this one, made of edits of its schema files. */
export interface NextRelease {
  folders: SchemaFolders;
  /** The migration from this version. */
  sql: string;
}

/** Runs `use` with a copy of the schema in which this version is released and the next one made. */
export async function withNextRelease<T>(
  edits: Edit[],
  use: (next: NextRelease) => Promise<T>,
): Promise<T> {
  return await withEdits([], async (folders) => {
    await forgetReleases(folders);
    const migration = (await migrationFile(folders, VERSION))!;
    const sha256 = await sha256Of(await Deno.readTextFile(join(folders.migrations, migration)));
    const schemas = await schemasHash(folders);
    await addRelease(folders, { version: VERSION, migration, sha256, schemas });
    await setVersion(folders, NEXT, VERSION);
    for (const each of edits) await edit(folders, each);
    const { path, remaining } = await writeUnreleased(folders);
    if (remaining.length > 0) throw new Error(remaining.join("\n"));
    return await use({ folders, sql: await Deno.readTextFile(path!) });
  });
}

/** Makes the package of a later version in a folder: of `versions`, with their migrations. */
export async function laterPackage(
  folder: string,
  versions: string[],
  next: NextRelease,
  changelog = "",
): Promise<void> {
  await cp(await builtPackage(), folder, { recursive: true });
  const file = join(folder, "CONTENTS.json");
  const contents = JSON.parse(await Deno.readTextFile(file));
  const version = versions.at(-1)!;
  await Deno.writeTextFile(file, JSON.stringify({ ...contents, version, versions }));
  await Deno.writeTextFile(join(folder, "CHANGELOG.md"), changelog);
  const schema = await migrationFrom(next.folders.schemas, version);
  await Deno.writeTextFile(join(folder, "sql/jobforge.sql"), schema);
  for (const each of versions.slice(1)) {
    await Deno.writeTextFile(join(folder, `sql/${each}.sql`), next.sql);
  }
  const runtime = join(folder, "dist/index.js");
  await Deno.writeTextFile(runtime, `${await Deno.readTextFile(runtime)}// ${version}\n`);
}
