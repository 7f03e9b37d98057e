import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { unixText } from "./merge.ts";

/** What is installed: the built package. */
export interface Kit {
  /** Folder of the package. */
  folder: string;
}

/** The contents of a kit. */
export interface KitContents {
  version: string;
  /** Every version up to this one, oldest first. */
  versions: string[];
  /** The migration to each version but the first, from the one before. */
  upgrades: Map<string, string>;
  changelog: string;
  /** Scripts and declarations of the runtime by file name. */
  runtime: Map<string, string>;
  /** The whole schema, for a database without one. */
  schemaSql: string;
  /** Removes the schema. */
  uninstallSql: string;
  licenses: string;
  /** The version of zod inside, which new projects get too. */
  zod: string;
}

/** Reads a kit. */
export async function readKit({ folder }: Kit): Promise<KitContents> {
  const read = (path: string) => readFile(join(folder, path), "utf8");
  const contents = JSON.parse(await read("CONTENTS.json"));
  const names = (await readdir(join(folder, "dist"))).sort();
  const runtime = names.map(async (name) => [name, await read(`dist/${name}`)] as const);
  const versions: string[] = contents.versions;
  const upgrades = versions.slice(1).map(async (version) =>
    [version, await read(`sql/${version}.sql`)] as const
  );
  const packages: { name: string; version: string }[] = contents.packages;
  return {
    version: contents.version,
    versions,
    upgrades: new Map(await Promise.all(upgrades)),
    changelog: await read("CHANGELOG.md"),
    runtime: new Map(await Promise.all(runtime)),
    schemaSql: await read("sql/jobforge.sql"),
    uninstallSql: await read("sql/uninstall.sql"),
    licenses: unixText(
      `${await read("LICENSE")}\n${await read("LICENSES_OF_BUNDLED_PACKAGES.txt")}`,
    ),
    zod: packages.find(({ name }) => name === "zod")!.version,
  };
}
