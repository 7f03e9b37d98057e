import { cp } from "node:fs/promises";
import { join } from "node:path";
import { migrationFrom } from "../../local/schema/migration.ts";
import type { NextRelease } from "../../local/schema/next_release.ts";
import { builtPackage } from "../../packages/pack/built_package.ts";

/** Makes the package of a later version in a folder: of `versions`, with their migrations. */
export async function laterPackage(
  folder: string,
  versions: string[],
  next: NextRelease,
  changelog = "",
): Promise<void> {
  await cp(await builtPackage(), folder, { recursive: true });
  const file = join(folder, "CONTENTS.json");
  const contents = JSON.parse(await Deno.readTextFile(file));
  const version = versions.at(-1)!;
  await Deno.writeTextFile(file, JSON.stringify({ ...contents, version, versions }));
  await Deno.writeTextFile(join(folder, "CHANGELOG.md"), changelog);
  const schema = await migrationFrom(next.folders.schemas, version);
  await Deno.writeTextFile(join(folder, "sql/jobforge.sql"), schema);
  for (const each of versions.slice(1)) {
    await Deno.writeTextFile(join(folder, `sql/${each}.sql`), next.sql);
  }
  const runtime = join(folder, "dist/index.js");
  await Deno.writeTextFile(runtime, `${await Deno.readTextFile(runtime)}// ${version}\n`);
}
