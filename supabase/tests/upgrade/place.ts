import { join } from "node:path";
import { cp } from "node:fs/promises";
import { connect, type Sql } from "../../../local/postgres/database.ts";
import { PROJECT_ROOT, projectFiles } from "../../../local/project.ts";
import { migrationFile, type SchemaFolders } from "../../../local/schema/migration.ts";
import { NEXT } from "../../../local/schema/next_release.ts";
import { type Stack, startStack } from "../../../local/stack/stack.ts";
import { VERSION } from "../../../shared/core/version.ts";
import { NEXT_CALL } from "./next_release.ts";

/** A project of this version on a stack, which can be upgraded. */
export interface Place {
  stack: Stack;
  sql: Sql;
  /** Folder with the migrations of both versions. */
  migrations: string;
  /** Deploys the worker of this version, or of the next one. */
  deploy(version: string): Promise<void>;
}

/** Runs `use` on a stack with this version's schema, which `folders` leads to the next version. */
export async function onPlace(
  folders: SchemaFolders,
  use: (place: Place) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "jobforge-upgrade-" });
  try {
    for (const part of ["shared", "supabase/functions", "deno.json", "deno.lock"]) {
      await cp(join(PROJECT_ROOT, part), join(root, part), { recursive: true });
    }
    const files = { ...projectFiles(root), seed: "/nonexistent" };
    await Deno.mkdir(files.migrations);
    const first = (await migrationFile(folders, VERSION))!;
    await Deno.copyFile(join(folders.migrations, first), join(files.migrations, first));
    const stack = await startStack({ files, functions: ["worker", "webhook-verify"] });
    const sql = connect(stack.adminDbUrl);
    const { migrations } = folders;
    try {
      const deploy = (version: string) => deployWorker(root, stack, version);
      await use({ stack, sql, migrations, deploy });
    } finally {
      await sql.end();
      await stack.stop();
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Writes the code of a version, and starts the worker anew. */
async function deployWorker(root: string, stack: Stack, version: string): Promise<void> {
  const [constant, call] = ["shared/core/version.ts", NEXT_CALL.file];
  const read = (path: string) => Deno.readTextFile(join(PROJECT_ROOT, path));
  const code = (await read(constant)).replace(`"${VERSION}"`, `"${version}"`);
  await Deno.writeTextFile(join(root, constant), code);
  const calls = await read(call);
  if (!calls.includes(NEXT_CALL.find)) throw new Error(`${call} does not hold ${NEXT_CALL.find}`);
  const next = calls.replace(NEXT_CALL.find, NEXT_CALL.replace);
  await Deno.writeTextFile(join(root, call), version === NEXT ? next : calls);
  await stack.restartFunction("worker");
}
