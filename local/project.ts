import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import type { MigrationSources } from "./postgres/migrate.ts";

/** Folder of this project. */
export const PROJECT_ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** Where a Supabase project keeps what the stack runs. See `projectFiles`. */
export interface ProjectFiles extends MigrationSources {
  migrations: string;
  /** Folder with one folder per function. */
  functions: string;
  /** deno.json of the functions, or undefined if there is none. */
  config: string | undefined;
}

/** The standard places below the root of a Supabase project. */
export function projectFiles(root: string): ProjectFiles {
  const config = join(root, "deno.json");
  const supabase = join(root, "supabase");
  return {
    migrations: join(supabase, "migrations"),
    seed: join(supabase, "seed.sql"),
    functions: join(supabase, "functions"),
    config: isFile(config) ? config : undefined,
  };
}

/**
 * Names of the functions in a folder: those with an `index.ts`, as the Supabase CLI takes them, and
 * those with an entry point elsewhere.
 */
export async function functionNames(
  folder: string,
  entryPoints: Record<string, string> = {},
): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  const found = entries
    .filter(({ name }) => !/^[._]/.test(name) && isFile(join(folder, name, "index.ts")))
    .map(({ name }) => name);
  const elsewhere = Object.keys(entryPoints).filter((name) => isFile(entryPoints[name]!));
  return [...new Set([...found, ...elsewhere])].sort();
}

/** Returns the deno.json of a function, if it has one. It replaces that of the project. */
export function ownConfig(directory: string): string | undefined {
  const config = join(directory, "deno.json");
  return isFile(config) ? config : undefined;
}

/** Variables of `<functions>/.env`, without the SUPABASE_ names that the platform keeps to itself. */
export async function functionSecrets(folder: string): Promise<Record<string, string>> {
  const text = await Deno.readTextFile(join(folder, ".env")).catch(() => "");
  const entries = Object.entries(parseEnv(text)) as [string, string][];
  return Object.fromEntries(entries.filter(([name]) => !name.startsWith("SUPABASE_")));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
