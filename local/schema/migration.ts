import { join } from "node:path";
import { projectFiles } from "../project.ts";
import { migrationFile, RELEASE } from "./release.ts";

/** The folders of a project that hold its schema. */
export interface SchemaFolders {
  /** The source: one file per behavior. */
  schemas: string;
  /** The releases. */
  migrations: string;
}

/** The schema folders below the root of a project. */
export function schemaFolders(root: string): SchemaFolders {
  const { migrations } = projectFiles(root);
  return { schemas: join(root, "supabase", "schemas"), migrations };
}

/** Paths of the schema files, relative to their folder, in the order in which they are loaded. */
export async function schemaFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      files.push(...(await schemaFiles(join(folder, name))).map((file) => `${name}/${file}`));
    } else if (name.endsWith(".sql")) files.push(name);
  }
  return files.sort();
}

/** Returns the text of the release's migration: all schema files below `folder`, in load order. */
export async function migrationFrom(folder: string): Promise<string> {
  const parts = [HEADER];
  for (const file of await schemaFiles(folder)) {
    const text = await Deno.readTextFile(join(folder, file));
    parts.push(`-- supabase/schemas/${file}\n\n${text.trim()}\n`);
  }
  return [...parts, FOOTER].join("\n");
}

/** Writes the release's migration and returns its path. */
export async function writeMigration({ schemas, migrations }: SchemaFolders): Promise<string> {
  const path = join(migrations, migrationFile(RELEASE));
  await Deno.writeTextFile(path, await migrationFrom(schemas));
  return path;
}

/** Whether the release's migration is what the schema files give. */
export async function isCurrent({ schemas, migrations }: SchemaFolders): Promise<boolean> {
  const path = join(migrations, migrationFile(RELEASE));
  const kept = await Deno.readTextFile(path).catch(() => undefined);
  return kept === await migrationFrom(schemas);
}

// SET and RESET, not SET LOCAL: they also hold where a tool runs the statements without a
// transaction, and they end with the file where several files share one.
const HEADER = `\
-- JobForge ${RELEASE.version}
--
-- Generated from supabase/schemas by \`deno task schema\`. Do not edit it by hand: edit the schema
-- files and generate it again.

-- A function may call what a later file creates. Tests check every body after the last file.
set check_function_bodies = off;
`;

const FOOTER = "reset check_function_bodies;\n";
