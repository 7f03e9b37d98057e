import { join } from "node:path";
import { PROJECT_ROOT, type ProjectFiles, projectFiles } from "../project.ts";

/** A temporary Supabase project for a test. */
export interface TestProject {
  root: string;
  files: ProjectFiles;
  remove(): Promise<void>;
}

/** Writes a project from its migrations (by file name) and function entry points (by name). */
export async function testProject(
  parts: { migrations?: Record<string, string>; functions?: Record<string, string> } = {},
): Promise<TestProject> {
  const root = await Deno.makeTempDir({ prefix: "jobforge-project-" });
  const files = { ...projectFiles(root), config: join(PROJECT_ROOT, "deno.json") };
  await Deno.mkdir(files.migrations, { recursive: true });
  for (const [name, text] of Object.entries(parts.migrations ?? {})) {
    await Deno.writeTextFile(join(files.migrations, name), text);
  }
  for (const [name, text] of Object.entries(parts.functions ?? {})) {
    await Deno.mkdir(join(files.functions, name), { recursive: true });
    await Deno.writeTextFile(join(files.functions, name, "index.ts"), text);
  }
  return { root, files, remove: () => Deno.remove(root, { recursive: true }) };
}

/** A project without migrations and functions. */
export const NO_FILES: ProjectFiles = projectFiles("/nonexistent");

/** Sources without migrations, for tests of the platform alone. */
export const NO_MIGRATIONS = {};

/** Waits until `check` gives a value. Rejects after ten seconds with `what`. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    const value = await check();
    if (value !== undefined) return value;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`waited ten seconds for: ${what}`);
}
