import { join } from "node:path";
import { cp } from "node:fs/promises";
import { connect, type Sql } from "../../../local/postgres/database.ts";
import { PROJECT_ROOT, projectFiles } from "../../../local/project.ts";
import { migrationFile, type SchemaFolders } from "../../../local/schema/migration.ts";
import { NEXT } from "../../../local/schema/next_release.ts";
import { type Stack, startStack } from "../../../local/stack/stack.ts";
import { VERSION } from "../../../shared/core/version.ts";
import { NEXT_CALL } from "./next_release.ts";

/** An upgrade from one version to the next. */
export interface Step {
  from: string;
  to: string;
  /** The project whose migrations lead to `to`. */
  folders: SchemaFolders;
}

/** A project of a version on a stack, which can be upgraded. */
export interface Place extends Omit<Step, "folders"> {
  stack: Stack;
  sql: Sql;
  /** Folder with the migrations of both versions. */
  migrations: string;
  /** Deploys the worker of a version. */
  deploy(version: string): Promise<void>;
}

/** Runs `use` on a stack with the schema and the worker that the step begins from. */
export async function onPlace(
  { from, to, folders }: Step,
  use: (place: Place) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "jobforge-upgrade-" });
  try {
    for (const part of ["shared", "supabase/functions", "deno.json", "deno.lock"]) {
      await cp(join(PROJECT_ROOT, part), join(root, part), { recursive: true });
    }
    const files = { ...projectFiles(root), seed: "/nonexistent" };
    await Deno.mkdir(files.migrations);
    for (const name of await migrationsUntil(folders, from)) {
      await Deno.copyFile(join(folders.migrations, name), join(files.migrations, name));
    }
    await writeCode(root, from);
    const stack = await startStack({ files, functions: ["worker", "webhook-verify"] });
    const sql = connect(stack.adminDbUrl);
    const { migrations } = folders;
    try {
      const deploy = async (version: string) => {
        await writeCode(root, version);
        await stack.restartFunction("worker");
      };
      await use({ from, to, stack, sql, migrations, deploy });
    } finally {
      await sql.end();
      await stack.stop();
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Returns the files that lead to a version, in their order. */
async function migrationsUntil(folders: SchemaFolders, version: string): Promise<string[]> {
  const last = (await migrationFile(folders, version))!;
  const files = await Array.fromAsync(Deno.readDir(folders.migrations));
  return files.map(({ name }) => name).sort().filter((name) => name <= last);
}

/** Writes this code as the one of a version. The version after this one makes another call. */
async function writeCode(root: string, version: string): Promise<void> {
  const [constant, call] = ["shared/core/version.ts", NEXT_CALL.file];
  const read = (path: string) => Deno.readTextFile(join(PROJECT_ROOT, path));
  const code = (await read(constant)).replace(`"${VERSION}"`, `"${version}"`);
  await Deno.writeTextFile(join(root, constant), code);
  const calls = await read(call);
  if (!calls.includes(NEXT_CALL.find)) throw new Error(`${call} does not hold ${NEXT_CALL.find}`);
  const next = calls.replace(NEXT_CALL.find, NEXT_CALL.replace);
  await Deno.writeTextFile(join(root, call), version === NEXT ? next : calls);
}
