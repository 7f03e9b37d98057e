import { join } from "node:path";
import { VERSION } from "../../shared/core/version.ts";
import { type Edit, edit, forgetReleases, withEdits } from "./edited_copy.ts";
import { migrationFile, type SchemaFolders, schemasHash, setVersion } from "./migration.ts";
import { addRelease, nextVersions, sha256Of } from "./release.ts";
import { writeUnreleased } from "./unreleased.ts";

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
