import { glob } from "node:fs/promises";
import { join, relative } from "node:path";
import { parse } from "smol-toml";
import type { FunctionOptions } from "../edge/function.ts";
import { StackError } from "../errors.ts";
import { functionNames, type ProjectFiles, projectFiles } from "../project.ts";

/** What the stack runs of a Supabase project, as its `config.toml` has it. */
export interface UserProject {
  root: string;
  files: ProjectFiles;
  /** Names of the functions that are enabled. */
  functions: string[];
  functionOptions: Record<string, FunctionOptions>;
}

interface FunctionSection {
  enabled?: boolean;
  import_map?: string;
  entrypoint?: string;
}

interface Config {
  db?: {
    migrations?: { enabled?: boolean };
    seed?: { enabled?: boolean; sql_paths?: string[] };
  };
  functions?: Record<string, FunctionSection>;
}

/**
 * Reads a Supabase project. Its functions find what a deploy finds: their own deno.json, the
 * `import_map` and `entrypoint` of `config.toml`, or `functions/import_map.json`, and no deno.json at
 * the root. Throws CONFIG_INVALID.
 */
export async function readUserProject(root: string): Promise<UserProject> {
  const supabase = join(root, "supabase");
  const { db, functions: sections = {} } = await readConfig(join(supabase, "config.toml"));
  const standard = projectFiles(root);
  const fallback = join(standard.functions, "import_map.json");
  const names = (await functionNames(standard.functions, entryPoints(sections, supabase)))
    .filter((name) => sections[name]?.enabled !== false);
  return {
    root,
    files: {
      ...standard,
      ...(db?.migrations?.enabled === false ? { migrations: join(supabase, "none") } : {}),
      seed: db?.seed?.enabled === false ? [] : await seedFiles(supabase, db?.seed?.sql_paths),
      config: await isFile(fallback) ? fallback : undefined,
    },
    functions: names,
    functionOptions: Object.fromEntries(names.map((name) => [
      name,
      optionsOf(sections[name] ?? {}, supabase),
    ])),
  };
}

async function readConfig(file: string): Promise<Config> {
  const text = await Deno.readTextFile(file).catch(() => undefined);
  if (text === undefined) throw invalid(file, "it cannot be read");
  try {
    return parse(text) as Config;
  } catch (thrown) {
    throw invalid(file, (thrown as Error).message.split("\n", 1)[0]!);
  }
}

/** Paths are relative to `supabase/`, and may have wildcards. */
async function seedFiles(supabase: string, patterns = ["./seed.sql"]): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of patterns) {
    const paths = await Array.fromAsync(glob(pattern.replace(/^\.\//, ""), { cwd: supabase }));
    found.push(...paths.sort().map((path) => join(supabase, path)));
  }
  return [...new Set(found)];
}

function entryPoints(
  sections: Record<string, FunctionSection>,
  supabase: string,
): Record<string, string> {
  const named = Object.entries(sections).flatMap(([name, { entrypoint }]) =>
    entrypoint === undefined ? [] : [[name, join(supabase, entrypoint)]]
  );
  return Object.fromEntries(named);
}

function optionsOf({ import_map, entrypoint }: FunctionSection, supabase: string): FunctionOptions {
  return {
    // The team's own code, with what the platform's runtime allows it.
    ...{ allowNet: true, allowRead: true, env: { JOBFORGE_SHOW_ERRORS: "1" } },
    ...(import_map === undefined ? {} : { config: join(supabase, import_map) }),
    ...(entrypoint === undefined ? {} : { entrypoint: join(supabase, entrypoint) }),
  };
}

function invalid(file: string, problem: string): StackError {
  return new StackError(
    "CONFIG_INVALID",
    `${relative(Deno.cwd(), file)} is invalid: ${problem}.`,
    "Correct it and start again.",
  );
}

async function isFile(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isFile ?? false;
}
