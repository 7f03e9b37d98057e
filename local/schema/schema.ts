/** `deno task schema`: the migration of what is not released, and the way from a release. */
import { relative } from "node:path";
import { StackError } from "../errors.ts";
import { PROJECT_ROOT } from "../project.ts";
import { type SchemaDifference, schemaDifference } from "./diff.ts";
import { migrationProblems, type SchemaFolders, schemaFolders } from "./migration.ts";
import { UnknownVersion } from "./scratch.ts";
import { beginVersion, NotTheNext, writeUnreleased } from "./unreleased.ts";

const USAGE = `\
deno task schema                  write the migration of what is not released, from supabase/schemas
deno task schema --check          exit with 1 unless the migrations are what was released, and what
                                  the schema files give
deno task schema next <version>   begin another version than the next minor one
deno task schema diff <version>   print the SQL from a released version to the schema files; exit
                                  with 1 when it does not lead to the same catalog`;

/** Runs the command and returns its exit code. 2 is a usage error. */
export async function runSchema(folders: SchemaFolders, args: string[]): Promise<number> {
  try {
    const [command, version, ...rest] = args;
    if (args.length === 0) return await write(folders);
    if (command === "--check" && args.length === 1) return await check(folders);
    if (command === "diff" && version && rest.length === 0) {
      return reportDifference(version, await schemaDifference(folders, version));
    }
    if (command === "next" && version && rest.length === 0) {
      await beginVersion(folders, version);
      return await write(folders);
    }
  } catch (error) {
    if (error instanceof UnknownVersion || error instanceof NotTheNext) {
      console.error(error.message);
      return 2;
    }
    if (!(error instanceof StackError)) throw error;
    console.error(error.report());
    return 1;
  }
  const asked = args[0] === "--help" && args.length === 1;
  console[asked ? "log" : "error"](USAGE);
  return asked ? 0 : 2;
}

async function write(folders: SchemaFolders): Promise<number> {
  const { path, remaining } = await writeUnreleased(folders);
  console.log(
    path ? `Wrote ${relative(PROJECT_ROOT, path)}.` : "Nothing changed since the last release.",
  );
  return reportRemaining(remaining, "Write into it by hand what is not planned");
}

async function check(folders: SchemaFolders): Promise<number> {
  const problems = await migrationProblems(folders);
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? 0 : 1;
}

/** Prints the SQL, and what it leaves out, and returns the exit code. */
export function reportDifference(version: string, { sql, remaining }: SchemaDifference): number {
  console.log(sql || `-- No statement leads from JobForge ${version} to supabase/schemas.`);
  return reportRemaining(remaining, "The catalogs still differ");
}

function reportRemaining(remaining: string[], title: string): number {
  if (remaining.length === 0) return 0;
  const lines = remaining.join("\n  ");
  console.error(`${title} (- after this SQL, + supabase/schemas):\n  ${lines}`);
  return 1;
}

if (import.meta.main) Deno.exit(await runSchema(schemaFolders(PROJECT_ROOT), Deno.args));
