/** `deno task schema`: the migration of the release, and the way from an earlier one. */
import { relative } from "node:path";
import { StackError } from "../errors.ts";
import { PROJECT_ROOT } from "../project.ts";
import { type SchemaDifference, schemaDifference } from "./diff.ts";
import { isCurrent, type SchemaFolders, schemaFolders, writeMigration } from "./migration.ts";
import { migrationFile, RELEASE } from "./release.ts";
import { UnknownVersion } from "./scratch.ts";

const USAGE = `\
deno task schema                  write the migration of ${RELEASE.version} from supabase/schemas
deno task schema --check          exit with 1 unless the migration is what the schema files give
deno task schema diff <version>   print the SQL from a released version to the schema files; exit
                                  with 1 when it does not lead to the same catalog`;

/** Runs the command and returns its exit code. 2 is a usage error. */
export async function runSchema(folders: SchemaFolders, args: string[]): Promise<number> {
  const [command, version, ...rest] = args;
  if (args.length === 0) return await write(folders);
  if (command === "--check" && args.length === 1) return await check(folders);
  if (command === "diff" && version && rest.length === 0) return await diff(folders, version);
  const asked = command === "--help" && args.length === 1;
  console[asked ? "log" : "error"](USAGE);
  return asked ? 0 : 2;
}

async function write(folders: SchemaFolders): Promise<number> {
  console.log(`Wrote ${relative(PROJECT_ROOT, await writeMigration(folders))}.`);
  return 0;
}

async function check(folders: SchemaFolders): Promise<number> {
  if (await isCurrent(folders)) return 0;
  const file = migrationFile(RELEASE);
  console.error(`${file} is not what supabase/schemas gives: run \`deno task schema\`.`);
  return 1;
}

async function diff(folders: SchemaFolders, version: string): Promise<number> {
  try {
    return reportDifference(version, await schemaDifference(folders, version));
  } catch (error) {
    if (error instanceof UnknownVersion) {
      console.error(error.message);
      return 2;
    }
    if (!(error instanceof StackError)) throw error;
    console.error(error.report());
    return 1;
  }
}

/** Prints the SQL, and what it leaves out, and returns the exit code. */
export function reportDifference(version: string, { sql, remaining }: SchemaDifference): number {
  console.log(sql || `-- No statement leads from JobForge ${version} to supabase/schemas.`);
  if (remaining.length === 0) return 0;
  const lines = remaining.join("\n  ");
  console.error(`The catalogs still differ (- after this SQL, + supabase/schemas):\n  ${lines}`);
  return 1;
}

if (import.meta.main) Deno.exit(await runSchema(schemaFolders(PROJECT_ROOT), Deno.args));
