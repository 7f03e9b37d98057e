import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createTwoFilesPatch } from "diff";

/** One file as it is and as it will be. Undefined: there is none. */
export interface Change {
  path: string;
  before: string | undefined;
  after: string | undefined;
}

/** What a command would do to a project. */
export interface Plan {
  root: string;
  changes: Change[];
  /** What a person has to know or to do, one line each. */
  notes: string[];
}

const RUNTIME = /^.*\/_jobforge\//;
const SHOWN_LINES = 40;

/** Reads a file of a project, or returns undefined if there is none. */
export async function readIfThere(root: string, path: string): Promise<string | undefined> {
  try {
    return await readFile(join(root, path), "utf8");
  } catch (thrown) {
    if ((thrown as { code?: string }).code === "ENOENT") return undefined;
    throw thrown;
  }
}

/** Returns whether a folder of a project has anything in it. */
export async function hasFiles(root: string, folder: string): Promise<boolean> {
  return (await readdir(join(root, folder)).catch(() => [])).length > 0;
}

/** Returns the plan as text: new and deleted files by name, changed ones as a diff. */
export function describePlan({ changes, notes }: Plan): string {
  const runtime = changes.filter(({ path }) => RUNTIME.test(path));
  const lines = changes.filter((change) => !runtime.includes(change)).map(describeChange);
  if (runtime.length > 0) {
    lines.unshift(`~ ${RUNTIME.exec(runtime[0]!.path)![0]} (${runtime.length} files)`);
  }
  return [...lines, ...notes.map((note) => `! ${note}`)].join("\n");
}

function describeChange({ path, before, after }: Change): string {
  if (before === undefined) return describeNew(path, after!);
  if (after === undefined) return `- ${path}`;
  const patch = createTwoFilesPatch(path, path, before, after, "", "", { context: 2 });
  return `~ ${path}\n${indented(patch.split("\n").slice(4))}`;
}

function describeNew(path: string, text: string): string {
  const lines = text.split("\n").slice(0, -1);
  if (lines.length > SHOWN_LINES || path.endsWith(".json")) {
    return `+ ${path} (${lines.length} lines)`;
  }
  return `+ ${path}\n${indented(lines.map((line) => `+${line}`))}`;
}

function indented(lines: string[]): string {
  return lines.map((line) => `    ${line}`.trimEnd()).join("\n").trimEnd();
}

const partialOf = (path: string) => `${path}.jobforge-partial`;

/**
 * Does it. Every file is written beside its place first, and moved there when all of them are: an
 * error leaves the project as it was. Folders that become empty go too.
 */
export async function applyPlan({ root, changes }: Plan): Promise<void> {
  const kept = changes.filter(({ after }) => after !== undefined).map(({ path }) => path);
  try {
    for (const { path, after } of changes) {
      if (after === undefined) continue;
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(partialOf(join(root, path)), after);
    }
  } catch (thrown) {
    for (const path of kept) await removeFile(root, partialOf(path)).catch(() => {});
    throw thrown;
  }
  for (const path of kept) await rename(partialOf(join(root, path)), join(root, path));
  for (const { path, after } of changes) {
    if (after === undefined) await removeFile(root, path);
  }
}

async function removeFile(root: string, path: string): Promise<void> {
  await rm(join(root, path), { force: true });
  await removeEmptyFolders(root, dirname(path));
}

async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  for (let each = folder; each !== "." && each !== "supabase"; each = dirname(each)) {
    try {
      await rmdir(join(root, each));
    } catch {
      return;
    }
  }
}
