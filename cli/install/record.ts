import { createHash } from "node:crypto";
import { JobForgeError } from "../../shared/core/errors.ts";
import { readIfThere } from "./plan.ts";
import { layoutOf, recordIn } from "./layout.ts";

/** What `init` wrote into a project. */
export interface InstallRecord {
  version: string;
  /** Beginning of the functions' names. */
  prefix: string;
  /** SHA-256 of each file as it was written, by path from the project. */
  files: Record<string, string>;
  /** Text of the files that a team may change and an upgrade merges, as it was written. */
  texts: Record<string, string>;
  /** SHA-256 of each file of the team as it was after its edit. */
  edited: Record<string, string>;
  /** The runtime is imported from npm. */
  npm?: true;
}

/** Where a file of the team is kept as it was before its edit. */
export function backupOf(path: string): string {
  return `${path}.before-jobforge`;
}

/**
 * Reads the record of a project, or undefined if JobForge is not installed there. Throws
 * `wrong_state` for one that cannot be read.
 */
export async function readRecord(root: string): Promise<InstallRecord | undefined> {
  const path = recordIn(await layoutOf(root));
  const text = await readIfThere(root, path);
  if (text === undefined) return undefined;
  try {
    const { version, prefix, files, texts, edited, npm } = JSON.parse(text);
    if (typeof version === "string" && typeof prefix === "string" && files && texts && edited) {
      const record = { version, prefix, files, texts, edited };
      return npm === true ? { ...record, npm } : record;
    }
  } catch {
    // Marks of a merge, for example.
  }
  const message = `${path} cannot be read: take it from your version control`;
  throw new JobForgeError("wrong_state", message);
}

/** Returns the SHA-256 of a text in hex. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
