import { join } from "node:path";
import { schemaDifference } from "./diff.ts";
import {
  migrationFile,
  newMigrationFile,
  plannedFor,
  type SchemaFolders,
  schemasHash,
  setVersion,
  versionOf,
  writeFirstMigration,
} from "./migration.ts";
import { nextVersions, readReleases, sha256Of } from "./release.ts";
import type { ScratchOptions } from "./scratch.ts";

/** What `deno task schema` did. */
export interface Written {
  /** Path of the migration, or undefined when the schema files are those of the last release. */
  path: string | undefined;
  /** What the migration does not do yet, see `differences`. A person writes it. */
  remaining: string[];
}

/**
 * Writes the migration of what is not released. The first is all schema files. A later one is the
 * planned way from the last release. It begins the next minor version if none is under way. What a
 * person changed in it stays: then only what is left is planned, and put at its end.
 */
export async function writeUnreleased(
  folders: SchemaFolders,
  options: ScratchOptions = {},
): Promise<Written> {
  const last = (await readReleases(folders)).at(-1);
  if (!last) return { path: await writeFirstMigration(folders), remaining: [] };
  if (await versionOf(folders) === last.version) {
    if (await schemasHash(folders) === last.schemas) return { path: undefined, remaining: [] };
    await setVersion(folders, nextVersions(last.version)[1], last.version);
  }
  const version = await versionOf(folders);
  const present = await migrationFile(folders, version);
  const path = join(folders.migrations, present ?? await newMigrationFile(folders, version));
  const text = present ? await Deno.readTextFile(path) : "";
  const hash = await schemasHash(folders);
  if (present && plannedFor(text) === undefined) {
    throw new NotTheNext(version, [], `${present} has lost its header: restore it from git`);
  }
  const isEdited = present !== undefined && await sha256Of(bodyOf(text)) !== plannedBody(text);
  if (isEdited) {
    const { sql, remaining } = await schemaDifference(folders, version, options);
    const added = sql === "" ? text : `${text.trimEnd()}\n\n${sql}`;
    await Deno.writeTextFile(path, added.replace(plannedFor(text)!, hash));
    return { path, remaining };
  }
  const { sql, remaining } = await schemaDifference(folders, last.version, options);
  const body = guarded(sql, last.version, version);
  const header = [
    `-- JobForge ${version}`,
    "--",
    "-- Read every statement, and change what a plan cannot know. What you change is kept.",
    `-- supabase/schemas: ${hash}`,
    `-- As planned: ${await sha256Of(body)}`,
  ];
  await Deno.writeTextFile(path, `${header.join("\n")}\n${body}`);
  return { path, remaining };
}

/** Begins another version than the next minor one, for `deno task schema next`. */
export async function beginVersion(folders: SchemaFolders, version: string): Promise<void> {
  const releases = await readReleases(folders);
  const last = releases.at(-1);
  const allowed = last ? nextVersions(last.version) : [await versionOf(folders)];
  if (!allowed.includes(version)) throw new NotTheNext(version, allowed);
  const present = await versionOf(folders);
  const open = present === last?.version ? undefined : await migrationFile(folders, present);
  if (open && present !== version) {
    const text = await Deno.readTextFile(join(folders.migrations, open));
    if (await sha256Of(bodyOf(text)) !== plannedBody(text)) {
      throw new NotTheNext(version, [present], `${open} was changed by hand: delete it first`);
    }
    await Deno.remove(join(folders.migrations, open));
  }
  // A patch serves the workers that its minor version serves.
  const isPatch = last !== undefined && version === allowed[0];
  const line = last && nextVersions(last.version)[1];
  const before = releases.filter((each) => nextVersions(each.version)[1] !== line).at(-1);
  const oldest = isPatch ? before ?? releases[0] : last;
  await setVersion(folders, version, oldest?.version);
}

/** Thrown for a version that does not follow the last release. */
export class NotTheNext extends Error {
  constructor(version: string, allowed: readonly string[], reason?: string) {
    super(reason ?? `${version} is not next: it must be ${allowed.join(" or ")}`);
  }
}

const PLANNED = /^-- As planned: ([0-9a-f]{64})\n/m;

function plannedBody(text: string): string | undefined {
  return PLANNED.exec(text)?.[1];
}

function bodyOf(text: string): string {
  const planned = PLANNED.exec(text);
  return planned ? text.slice(planned.index + planned[0].length) : text;
}

/** Adds what keeps the migration away from a database of another version. */
function guarded(sql: string, from: string, to: string): string {
  const guard = `\
do $version$
begin
  if jobforge.schema_version() <> '${from}' then
    raise exception 'JobForge ${to} must follow ${from}, and this database has %',
      jobforge.schema_version();
  end if;
end
$version$;
`;
  const start = "set check_function_bodies = off;\n";
  return sql.replace(start, () => `${start}\n${guard}`);
}
