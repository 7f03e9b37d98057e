import { join } from "node:path";
import { projectFiles } from "../project.ts";
import { VERSION } from "../../shared/core/version.ts";
import { migrationName, readReleases, sha256Of } from "./release.ts";

/** The folders of a project that hold its schema. */
export interface SchemaFolders {
  /** The source: one file per behavior. */
  schemas: string;
  /** The releases, and what is not released yet. */
  migrations: string;
  /** File with the list of the releases. */
  releases: string;
  /** File with the version of the code. */
  version: string;
}

/** The schema folders below the root of a project. */
export function schemaFolders(root: string): SchemaFolders {
  const { migrations } = projectFiles(root);
  return {
    ...{ schemas: join(root, "supabase", "schemas"), migrations },
    releases: join(root, "local", "schema", "releases.json"),
    version: join(root, "shared", "core", "version.ts"),
  };
}

/** Reads the version of a project's code. */
export async function versionOf({ version }: SchemaFolders): Promise<string> {
  return VERSION_CONSTANT.exec(await Deno.readTextFile(version))![1]!;
}

const VERSION_CONSTANT = /^export const VERSION = "([^"]*)";$/m;
/** Below supabase/schemas: the same version in the database, and the oldest worker it serves. */
const VERSION_FILE = "10_foundation/schema_version.sql";

/** Gives a project a version. `oldest` is the oldest worker served, or undefined to keep it. */
export async function setVersion(
  { version: file, schemas }: SchemaFolders,
  version: string,
  oldest: string | undefined,
): Promise<void> {
  const code = await Deno.readTextFile(file);
  await Deno.writeTextFile(
    file,
    code.replace(VERSION_CONSTANT, `export const VERSION = "${version}";`),
  );
  const sql = await Deno.readTextFile(join(schemas, VERSION_FILE));
  const withVersion = replaceConstant(sql, "schema_version", version);
  const next = oldest ? replaceConstant(withVersion, "oldest_worker", oldest) : withVersion;
  await Deno.writeTextFile(join(schemas, VERSION_FILE), next);
}

function replaceConstant(sql: string, name: string, value: string): string {
  const pattern = new RegExp(`(create function jobforge\\.${name}\\(\\)[^$]*\\$\\$ select ')[^']*`);
  if (!pattern.test(sql)) throw new Error(`${VERSION_FILE} has no function ${name}`);
  return sql.replace(pattern, `$1${value}`);
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

/** Returns all schema files below `folder` as one migration, in load order. */
export async function migrationFrom(folder: string, version = VERSION): Promise<string> {
  return [headerOf(version), await schemaText(folder), FOOTER].join("\n");
}

async function schemaText(folder: string): Promise<string> {
  const parts: string[] = [];
  for (const file of await schemaFiles(folder)) {
    const text = await Deno.readTextFile(join(folder, file));
    parts.push(`-- supabase/schemas/${file}\n\n${text.trim()}\n`);
  }
  return parts.join("\n");
}

/** Returns the SHA-256 of all schema files, in hex. */
export async function schemasHash({ schemas }: SchemaFolders): Promise<string> {
  return await sha256Of(await schemaText(schemas));
}

/** Returns the file name of the migration of a version, or undefined if there is none. */
export async function migrationFile(
  { migrations }: SchemaFolders,
  version: string,
): Promise<string | undefined> {
  const files = await Array.fromAsync(Deno.readDir(migrations));
  return files.map(({ name }) => name)
    .find((name) => name.endsWith(`_${migrationName(version)}.sql`));
}

/** Returns a file name for the migration of a version, after every other one. */
export async function newMigrationFile(folders: SchemaFolders, version: string): Promise<string> {
  const files = await Array.fromAsync(Deno.readDir(folders.migrations));
  const newest = Math.max(0, ...files.map(({ name }) => parseInt(name) || 0));
  const now = Number(new Date().toISOString().replace(/\D/g, "").slice(0, 14));
  return `${Math.max(now, newest + 1)}_${migrationName(version)}.sql`;
}

/** Writes the migration of the first release, which is all schema files, and returns its path. */
export async function writeFirstMigration(folders: SchemaFolders): Promise<string> {
  const version = await versionOf(folders);
  const file = await migrationFile(folders, version) ?? await newMigrationFile(folders, version);
  const path = join(folders.migrations, file);
  await Deno.writeTextFile(path, await migrationFrom(folders.schemas, version));
  return path;
}

/**
 * Returns what is wrong with the migrations, one line each: a released one that was changed, one
 * that is not on the list, and an unreleased one that does not belong to the schema files.
 */
export async function migrationProblems(folders: SchemaFolders): Promise<string[]> {
  const releases = await readReleases(folders);
  const problems: string[] = [];
  for (const { version, migration, sha256 } of releases) {
    const text = await read(folders, migration);
    if (text === undefined) problems.push(`${migration} of the release ${version} is missing`);
    else if (await sha256Of(text) !== sha256) {
      problems.push(`${migration} was released as ${version} and changed since: restore it`);
    }
  }
  const version = await versionOf(folders);
  const last = releases.at(-1);
  const open = last?.version === version ? undefined : await migrationFile(folders, version);
  const known = new Set([...releases.map(({ migration }) => migration), open]);
  for await (const { name } of Deno.readDir(folders.migrations)) {
    if (!known.has(name)) problems.push(`${name} is no release and not ${version}: delete it`);
  }
  if (!await isCurrent(folders)) {
    problems.push("the migration is not what supabase/schemas gives: run `deno task schema`");
  }
  return problems;
}

/** Whether the schema files are those of the last release, or of the unreleased migration. */
async function isCurrent(folders: SchemaFolders): Promise<boolean> {
  const [version, last] = [await versionOf(folders), (await readReleases(folders)).at(-1)];
  const hash = await schemasHash(folders);
  if (last?.version === version) return last.schemas === hash;
  const file = await migrationFile(folders, version);
  const text = file && await read(folders, file);
  if (!text) return false;
  if (!last) return text === await migrationFrom(folders.schemas, version);
  return plannedFor(text) === hash;
}

/** Returns the hash of the schema files that a planned migration leads to. */
export function plannedFor(text: string): string | undefined {
  return /^-- supabase\/schemas: ([0-9a-f]{64})$/m.exec(text)?.[1];
}

function read({ migrations }: SchemaFolders, file: string): Promise<string | undefined> {
  return Deno.readTextFile(join(migrations, file)).catch(() => undefined);
}

// SET and RESET, not SET LOCAL: they also hold where a tool runs the statements without a
// transaction, and they end with the file where several files share one.
const headerOf = (version: string) =>
  `\
-- JobForge ${version}
--
-- Generated from supabase/schemas by \`deno task schema\`. Do not edit it by hand: edit the schema
-- files and generate it again.

-- A function may call what a later file creates. Tests check every body after the last file.
set check_function_bodies = off;
`;

const FOOTER = "reset check_function_bodies;\n";
