/** What changed since the last landing, for checks that take a part where time is short. */
import { PROJECT_ROOT } from "../../project.ts";

/** Commits of one landing lie closer together than this. */
const LANDING_SECONDS = 12 * 60 * 60;

/** The part of a project that a check should look at. */
export interface Change {
  /** The commit it is compared with. Everything counts as changed if there is none. */
  base: string | undefined;
  /** Paths from the root of the project, of changed, new and deleted files. */
  files: ReadonlySet<string>;
  /** Chooses what is looked at besides. The same commit has the same seed. */
  seed: number;
}

/** Variables that overrule what Git shows: a commit, and a whole number. */
export interface ChangeOptions {
  base?: string | undefined;
  seed?: string | undefined;
}

/**
 * Returns the difference between the working tree of `root` and its base. The base is the named
 * commit, or the one where this branch left the remote's, or the newest commit that is 12 hours
 * older than HEAD. Throws if a base or seed is given that is not valid.
 */
export async function changeOf(
  root = PROJECT_ROOT,
  options: ChangeOptions = {
    base: Deno.env.get("JOBFORGE_CI_BASE"),
    seed: Deno.env.get("JOBFORGE_SEED"),
  },
): Promise<Change> {
  const head = await git(root, "rev-parse", "HEAD");
  const seed = seedOf(options.seed, head);
  const base = options.base
    ? await git(root, "rev-parse", "--verify", `${options.base}^{commit}`)
    : head && (await branchPoint(root, head) ?? await lastLanding(root, head));
  if (options.base && !base) throw new RangeError(`JOBFORGE_CI_BASE is no commit: ${options.base}`);
  if (!base) return { base: undefined, files: new Set(), seed };
  const changed = await git(root, "diff", "--name-only", "--no-renames", "-z", base);
  const added = await git(root, "ls-files", "--others", "--exclude-standard", "-z");
  if (changed === undefined || added === undefined) {
    return { base: undefined, files: new Set(), seed };
  }
  return { base, files: new Set(`${changed}\0${added}`.split("\0").filter(Boolean)), seed };
}

/** The commit where HEAD left the remote's branch, undefined if HEAD is part of that. */
async function branchPoint(root: string, head: string): Promise<string | undefined> {
  const point = await git(root, "merge-base", "HEAD", "origin/HEAD");
  return point === head ? undefined : point;
}

async function lastLanding(root: string, head: string): Promise<string | undefined> {
  const time = Number(await git(root, "show", "--no-patch", "--format=%ct", head));
  const before = `--before=@${time - LANDING_SECONDS}`;
  return await git(root, "rev-list", "--max-count=1", before, head) || undefined;
}

function seedOf(text: string | undefined, head: string | undefined): number {
  const seed = text === undefined ? parseInt(head?.slice(0, 8) ?? "0", 16) : Number(text);
  if (!Number.isInteger(seed)) {
    throw new RangeError(`JOBFORGE_SEED must be a whole number: ${text}`);
  }
  return seed;
}

/** What a command of Git prints, undefined if it fails or there is no Git. */
async function git(root: string, ...args: string[]): Promise<string | undefined> {
  try {
    // A clone may belong to another account than the one that runs the checks.
    const { success, stdout } = await new Deno.Command("git", {
      args: ["-c", "safe.directory=*", "-C", root, ...args],
      stdin: "null",
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
