import { readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { readIfThere } from "./plan.ts";
import { NOT_SEARCHED, repositoryOf } from "./project_folder.ts";

/** The zod of the functions, and what the team has to know about its own. */
export interface Zod {
  /** A version or a range. */
  range: string;
  note: string | undefined;
}

const DEPTH = 3;
const RANGE = /^[\^~]?(\d+)(?:\.(\d+))?(?:\.\d+)?$/;
/** The first release of zod 3 whose schemas JobForge reads. */
const OLDEST = "3.25.76";

/**
 * Returns the version of zod for the functions: the app's, so that both read the declarations with
 * the same types, or else `inside`, the runtime's own. The app may be any package of a monorepo.
 */
export async function zodOf(root: string, inside: string): Promise<Zod> {
  const found = await ranges(root);
  const [first] = found;
  if (!first) return { range: inside, note: undefined };
  const old = found.find(({ range }) => isOld(range));
  if (!old) return { range: first.range, note: undefined };
  return {
    range: `^${OLDEST}`,
    note: `${old.path} has zod ${old.range}, and job types need ${OLDEST} or later: ` +
      `in ${join(root, dirname(old.path))}, run ${await installCommand(root)} zod@${OLDEST}`,
  };
}

interface Found {
  /** From the project. */
  path: string;
  range: string;
}

/** Reads the manifests from the project up to its repository, then those below that. */
async function ranges(root: string): Promise<Found[]> {
  const repository = await repositoryOf(root);
  const folders: string[] = [];
  for (let folder = root;; folder = dirname(folder)) {
    folders.push(folder);
    if (folder === repository) break;
  }
  folders.push(
    ...(await foldersBelow(repository, DEPTH)).filter((each) => !folders.includes(each)),
  );
  const found: Found[] = [];
  for (const folder of folders) {
    const range = zodIn(await readIfThere(folder, "package.json"));
    if (range) found.push({ path: relative(root, join(folder, "package.json")), range });
  }
  return found;
}

function zodIn(text: string | undefined): string | undefined {
  try {
    const { dependencies, devDependencies } = JSON.parse(text ?? "{}");
    const range: unknown = dependencies?.zod ?? devDependencies?.zod;
    return typeof range === "string" && RANGE.test(range) ? range : undefined;
  } catch {
    return undefined;
  }
}

function isOld(range: string): boolean {
  const [, major, minor] = RANGE.exec(range)!;
  return Number(major) < 3 || Number(major) === 3 && minor !== undefined && Number(minor) < 25;
}

async function foldersBelow(folder: string, depth: number): Promise<string[]> {
  if (depth === 0) return [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const children = entries
    .filter((each) =>
      each.isDirectory() && !each.name.startsWith(".") && !NOT_SEARCHED.has(each.name)
    )
    .map(({ name }) => join(folder, name)).sort();
  const below = await Promise.all(children.map((child) => foldersBelow(child, depth - 1)));
  return [...children, ...below.flat()];
}

const LOCK_FILES: [string, string][] = [
  ["pnpm-lock.yaml", "pnpm add"],
  ["yarn.lock", "yarn add"],
  ["bun.lock", "bun add"],
  ["bun.lockb", "bun add"],
];

/** Returns how the team installs a package. */
export async function installCommand(root: string): Promise<string> {
  const repository = await repositoryOf(root);
  for (const [file, command] of LOCK_FILES) {
    for (const folder of [root, repository]) {
      if (await readIfThere(folder, file).catch(() => "") !== undefined) return command;
    }
  }
  return "npm install";
}
