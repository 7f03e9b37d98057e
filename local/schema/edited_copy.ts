import { dirname, join } from "node:path";
import { PROJECT_ROOT } from "../project.ts";
import {
  schemaFiles,
  type SchemaFolders,
  schemaFolders,
  writeFirstMigration,
} from "./migration.ts";

/** One change of one schema file. */
export interface Edit {
  /** Path below supabase/schemas. */
  file: string;
  /** The first match is replaced. */
  find: RegExp;
  /** May refer to groups as `$1`. */
  replace: string;
}

/** Runs `use` with a copy of this project's schema files and migrations, the edits made. */
export async function withEdits<T>(
  edits: Edit[],
  use: (folders: SchemaFolders) => Promise<T>,
): Promise<T> {
  const root = await Deno.makeTempDir({ prefix: "jobforge-schema-" });
  try {
    const [from, to] = [schemaFolders(PROJECT_ROOT), schemaFolders(root)];
    for (const file of await schemaFiles(from.schemas)) {
      const text = await Deno.readTextFile(join(from.schemas, file));
      const path = join(to.schemas, file);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeTextFile(path, edited(text, edits.filter((edit) => edit.file === file)));
    }
    for (const name of ["releases", "version"] as const) {
      await Deno.mkdir(dirname(to[name]), { recursive: true });
      await Deno.copyFile(from[name], to[name]);
    }
    await Deno.mkdir(to.migrations, { recursive: true });
    for await (const { name } of Deno.readDir(from.migrations)) {
      await Deno.copyFile(join(from.migrations, name), join(to.migrations, name));
    }
    return await use(to);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Makes a copy a project before its first release: its one migration is all schema files. */
export async function forgetReleases(folders: SchemaFolders): Promise<void> {
  await Deno.writeTextFile(folders.releases, "[]\n");
  await Deno.remove(folders.migrations, { recursive: true });
  await Deno.mkdir(folders.migrations);
  await writeFirstMigration(folders);
}

/** Makes an edit in the schema files of a copy. */
export async function edit({ schemas }: SchemaFolders, change: Edit): Promise<void> {
  const path = join(schemas, change.file);
  await Deno.writeTextFile(path, edited(await Deno.readTextFile(path), [change]));
}

function edited(text: string, edits: Edit[]): string {
  return edits.reduce((current, { file, find, replace }) => {
    if (!find.test(current)) throw new Error(`${file} does not hold ${find}`);
    return current.replace(find, replace);
  }, text);
}
