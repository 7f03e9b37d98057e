import { dirname, join } from "node:path";
import { PROJECT_ROOT } from "../project.ts";
import { schemaFiles, type SchemaFolders, schemaFolders } from "./migration.ts";

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
    await Deno.mkdir(to.migrations, { recursive: true });
    for await (const { name } of Deno.readDir(from.migrations)) {
      await Deno.copyFile(join(from.migrations, name), join(to.migrations, name));
    }
    return await use(to);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function edited(text: string, edits: Edit[]): string {
  return edits.reduce((current, { file, find, replace }) => {
    if (!find.test(current)) throw new Error(`${file} does not hold ${find}`);
    return current.replace(find, replace);
  }, text);
}
