import { createHash } from "node:crypto";
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
}

/** Where the record is. */
export const RECORD_FILE = `${RUNTIME_FOLDER}/installed.json`;

/** Where a file of the team is kept as it was before its edit. */
export function backupOf(path: string): string {
  return `${path}.before-jobforge`;
}

/** Reads the record of a project, or undefined if JobForge is not installed there. */
export async function readRecord(root: string): Promise<InstallRecord | undefined> {
  const text = await readIfThere(root, RECORD_FILE);
  return text === undefined ? undefined : JSON.parse(text);
}

/** Returns the SHA-256 of a text in hex. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
