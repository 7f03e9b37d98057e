import { join } from "node:path";
import { forgetReleases } from "../../../local/schema/edited_copy.ts";
import { schemaFolders, writeFirstMigration } from "../../../local/schema/migration.ts";
import { PROJECT_ROOT, projectFiles } from "../../../local/project.ts";
import { pgtapScript } from "../pgtap/pgtap.ts";
import { type Mutant, mutated } from "./mutant.ts";
import { type ChangedFunctions, changedFunctions, SwapDatabase } from "./swap.ts";

const COPIED = [
  ...[
    "CHANGELOG.md",
    "deno.json",
    "deno.lock",
    "LICENSE",
    "cli",
    "dashboard",
    "local",
    "packages",
    "shared",
  ],
  "supabase",
];
const LEFT_OUT = new Set(["node_modules", ".temp", ".branches", ".env"]);

/** A copy of the project in a temporary folder, for one mutant at a time. */
export class Workspace {
  #swap: Promise<SwapDatabase> | undefined;

  private constructor(readonly root: string) {}

  static async make(): Promise<Workspace> {
    const root = await Deno.makeTempDir({ prefix: "jobforge-mutation-" });
    for (const name of COPIED) await copy(join(PROJECT_ROOT, name), join(root, name));
    // A fault in a schema file must be a fault in the database, also after a release.
    await forgetReleases(schemaFolders(root));
    await Deno.mkdir(join(root, "pgtap"));
    await Deno.writeTextFile(join(root, "pgtap", "0_pgtap.sql"), await pgtapScript());
    return new Workspace(root);
  }

  /** Migrations that install pgTAP and nothing else. */
  get pgtap(): string {
    return join(this.root, "pgtap");
  }

  get migrations(): string {
    return join(this.root, "supabase", "migrations");
  }

  get tests(): string {
    return join(this.root, "supabase", "tests");
  }

  /** A database of the project without a mutant. */
  swap(): Promise<SwapDatabase> {
    const migrations = projectFiles(PROJECT_ROOT).migrations;
    return this.#swap ??= SwapDatabase.make(migrations, this.tests);
  }

  /** Runs `use` while the mutant's fault is in the copy. It gets the functions if only they changed. */
  async with<T>(
    mutant: Mutant,
    use: (functions: ChangedFunctions | undefined) => Promise<T>,
  ): Promise<T> {
    const file = join(this.root, mutant.file);
    const text = await Deno.readTextFile(file);
    const faulty = mutated(text, mutant);
    await this.#write(file, faulty);
    try {
      return await use(file.endsWith(".sql") ? changedFunctions(text, faulty) : undefined);
    } finally {
      await this.#write(file, text);
    }
  }

  /** A fault in a schema file is also one in the migration. */
  async #write(file: string, text: string): Promise<void> {
    await Deno.writeTextFile(file, text);
    if (file.endsWith(".sql")) await writeFirstMigration(schemaFolders(this.root));
  }

  async remove(): Promise<void> {
    await (await this.#swap)?.database.drop();
    await Deno.remove(this.root, { recursive: true });
  }
}

async function copy(from: string, to: string): Promise<void> {
  const { isDirectory } = await Deno.stat(from);
  if (!isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    if (!LEFT_OUT.has(name)) await copy(join(from, name), join(to, name));
  }
}
