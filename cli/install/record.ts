import { createHash } from "node:crypto";
import { JobForgeError } from "../../shared/core/errors.ts";
import { readIfThere } from "./plan.ts";
import { RUNTIME_FOLDER } from "./templates.ts";

/** What `init` wrote into a project. */
export interface InstallRecord {
  version: string;
  /** Beginning of the functions' names. */
  prefix: string;
  /** SHA-256 of each file as it was written, by path from the project. */
  files: Record<string, string>;
  /** SHA-256 of each file of the team as it was after its edit. */
  edited: Record<string, string>;
  /** The runtime is imported from npm. */
  npm?: true;
}

/** Where the record is. */
export const RECORD_FILE = `${RUNTIME_FOLDER}/installed.json`;

/** Where a file of the team is kept as it was before its edit. */
export function backupOf(path: string): string {
  return `${path}.before-jobforge`;
}

/**
 * Reads the record of a project, or undefined if JobForge is not installed there. Throws
 * `wrong_state` for one that cannot be read.
 */
export async function readRecord(root: string): Promise<InstallRecord | undefined> {
  const text = await readIfThere(root, RECORD_FILE);
  if (text === undefined) return undefined;
  try {
    const { version, prefix, files, edited, npm } = JSON.parse(text);
    if (typeof version === "string" && typeof prefix === "string" && files && edited) {
      return { version, prefix, files, edited, ...(npm === true ? { npm } : {}) };
    }
  } catch {
    // Marks of a merge, for example.
  }
  const message = `${RECORD_FILE} cannot be read: take it from your version control`;
  throw new JobForgeError("wrong_state", message);
}

/** Returns the SHA-256 of a text in hex. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
