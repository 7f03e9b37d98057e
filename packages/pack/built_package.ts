import { join } from "node:path";
import { filesBelow, PROJECT_ROOT, readProjectText, sha256 } from "./project_files.ts";

const SOURCES = [
  ...["shared", "supabase/functions", "supabase/migrations", "supabase/schemas", "cli"],
  ...["local/postgres/bootstrap", "packages"],
];
const FILES = ["deno.json", "deno.lock", "LICENSE", "CHANGELOG.md", "local/schema/releases.json"];

/** Returns the folder of the package built from these sources, and builds it if it is not there. */
export async function builtPackage(): Promise<string> {
  const paths = [...FILES, ...(await Promise.all(SOURCES.map(filesBelow))).flat()];
  const texts = paths.map(async (path) => `${path}\n${await readProjectText(path)}`);
  const hash = await sha256((await Promise.all(texts)).join("\n"));
  const folder = join(PROJECT_ROOT, ".jobforge", "packages", hash.slice(0, 16));
  if (await isFolder(folder)) return folder;
  const partial = `${folder}.${crypto.randomUUID()}`;
  await build(partial);
  // Another process may have built the same.
  await Deno.rename(partial, folder).catch(() => Deno.remove(partial, { recursive: true }));
  return folder;
}

// A process of its own: the bundlers load native code, which few callers may.
async function build(target: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "pack", target],
    cwd: PROJECT_ROOT,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`deno task pack failed: ${new TextDecoder().decode(stderr)}`);
}

async function isFolder(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isDirectory ?? false;
}
