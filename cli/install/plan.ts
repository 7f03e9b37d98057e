import { mkdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createTwoFilesPatch } from "diff";
import { RUNTIME_FOLDER } from "./templates.ts";

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

/** Returns the plan as text: new and deleted files by name, changed ones as a diff. */
export function describePlan({ changes, notes }: Plan): string {
  const runtime = changes.filter(({ path }) => path.startsWith(`${RUNTIME_FOLDER}/`));
  const lines = changes.filter((change) => !runtime.includes(change)).map(describeChange);
  if (runtime.length > 0) lines.unshift(`~ ${RUNTIME_FOLDER}/ (${runtime.length} files)`);
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

/**
 * Does it. Each file is written beside its place and then moved there, so none is ever half
 * written. Folders that become empty go too.
 */
export async function applyPlan({ root, changes }: Plan): Promise<void> {
  for (const { path, after } of changes) {
    const target = join(root, path);
    if (after === undefined) {
      await rm(target, { force: true });
      await removeEmptyFolders(root, dirname(path));
      continue;
    }
    await mkdir(dirname(target), { recursive: true });
    const partial = `${target}.jobforge-partial`;
    await writeFile(partial, after);
    await rename(partial, target);
  }
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
