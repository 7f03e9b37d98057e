import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of this project. */
export const PROJECT_ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Returns the paths of all files below a folder of the project, relative to the project, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory, isFile } of Deno.readDir(join(PROJECT_ROOT, folder))) {
    if (name.startsWith(".")) continue;
    if (isDirectory) paths.push(...await filesBelow(`${folder}/${name}`));
    else if (isFile) paths.push(`${folder}/${name}`);
  }
  return paths.sort();
}

/** Reads a file of the project. */
export function readProjectText(path: string): Promise<string> {
  return Deno.readTextFile(join(PROJECT_ROOT, path));
}

/** Returns the SHA-256 of a file's content in hex. */
export async function sha256(content: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
