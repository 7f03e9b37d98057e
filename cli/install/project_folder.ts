import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { UsageError } from "../usage_error.ts";
import { findLayout } from "./layout.ts";

/** Folders without packages or projects of the team. */
export const NOT_SEARCHED = new Set(["node_modules", "dist", "build", "vendor"]);
const DEPTH = 3;

/**
 * Returns the folder that holds `supabase/config.toml`, or `volumes/functions` on own servers: the
 * given one, one above it up to the root of its repository, or the only one below it. Throws a
 * UsageError when there is none, or several.
 */
export async function findProjectFolder(start: string): Promise<string> {
  const from = resolve(start);
  if (!await isFolder(from)) throw new UsageError(`${from} must be a folder that exists`);
  if (basename(from) === "supabase" && await isFile(join(from, "config.toml"))) {
    return dirname(from);
  }
  for (let folder = from;; folder = dirname(folder)) {
    if (await isProject(folder)) return folder;
    if (await exists(join(folder, ".git")) || folder === dirname(folder)) break;
  }
  const below = await projectsBelow(from, DEPTH);
  if (below.length === 1) return below[0]!;
  if (below.length === 0) {
    throw new UsageError(
      `no supabase/config.toml is in or near ${from}: run npx supabase init there, ` +
        `or name the folder of Supabase's docker-compose.yml`,
    );
  }
  const list = below.map((folder) => relative(from, folder)).join(", ");
  throw new UsageError(`several Supabase projects are here: name one of ${list}`);
}

/** Returns the root of the repository that a folder is in. Without one it is the folder. */
export async function repositoryOf(root: string): Promise<string> {
  for (let folder = root;; folder = dirname(folder)) {
    if (await exists(join(folder, ".git"))) return folder;
    if (folder === dirname(folder)) return root;
  }
}

async function projectsBelow(folder: string, depth: number): Promise<string[]> {
  if (depth === 0) return [];
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith(".") || NOT_SEARCHED.has(entry.name)) {
      continue;
    }
    const child = join(folder, entry.name);
    if (await isProject(child)) found.push(child);
    else found.push(...await projectsBelow(child, depth - 1));
  }
  return found.sort();
}

async function isProject(folder: string): Promise<boolean> {
  return await findLayout(folder) !== undefined;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).catch(() => undefined) !== undefined;
}
