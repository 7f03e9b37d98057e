import { dirname, join } from "node:path";
import { migrationFile, migrationFrom, schemaFolders } from "../../local/schema/migration.ts";
import { readReleases } from "../../local/schema/release.ts";
import { VERSION } from "../../shared/core/version.ts";
import { bundledPackages } from "./contents.ts";
import { buildDeclarations } from "./declarations.ts";
import { manifest } from "./manifest.ts";
import { PROJECT_ROOT, readProjectText, sha256 } from "./project_files.ts";
import { buildScripts } from "./scripts.ts";
import { testingSql } from "./testing_sql.ts";
import { openWorkspace } from "./workspace.ts";

/** Builds the npm package into a folder, which it replaces. The same sources give the same bytes. */
export async function buildPackage(target: string): Promise<void> {
  const workspace = await openWorkspace();
  try {
    const scripts = await buildScripts(workspace.root);
    const { packages, licenses } = await bundledPackages(workspace.root, scripts);
    const folders = schemaFolders(PROJECT_ROOT);
    const releases = await readReleases(folders);
    const schema = await migrationFrom(folders.schemas);
    const files = new Map([
      ...scripts.files,
      ...await buildDeclarations(workspace.root),
      ["CHANGELOG.md", await readProjectText("CHANGELOG.md")],
      ["LICENSE", await readProjectText("LICENSE")],
      ["LICENSES_OF_BUNDLED_PACKAGES.txt", licenses],
      ["README.md", await readProjectText("packages/jobforge/README.md")],
      ["package.json", json(manifest(VERSION))],
      ["sql/jobforge.sql", schema],
      ["sql/testing.sql", await testingSql(schema)],
      ["sql/uninstall.sql", await readProjectText("packages/jobforge/uninstall.sql")],
    ]);
    // The way from one release to the next. The first has none.
    const versions = [...new Set([...releases.map(({ version }) => version), VERSION])];
    for (const version of versions.slice(1)) {
      const file = await migrationFile(folders, version);
      files.set(`sql/${version}.sql`, await readProjectText(`supabase/migrations/${file}`));
    }
    files.set(
      "CONTENTS.json",
      json({ version: VERSION, versions, packages, files: await sums(files) }),
    );
    await writeFiles(target, files);
  } finally {
    await workspace.remove();
  }
}

/** Returns the SHA-256 of each file. */
async function sums(files: Map<string, string>): Promise<Record<string, string>> {
  const paths = [...files.keys()].sort();
  const entries = paths.map(async (path) => [path, await sha256(files.get(path)!)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function writeFiles(target: string, files: Map<string, string>): Promise<void> {
  await Deno.remove(target, { recursive: true }).catch(() => {});
  for (const [path, text] of files) {
    await Deno.mkdir(dirname(join(target, path)), { recursive: true });
    const mode = path.startsWith("bin/") ? 0o755 : 0o644;
    await Deno.writeTextFile(join(target, path), text, { mode });
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
