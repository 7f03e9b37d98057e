import { basename, dirname, join } from "node:path";

/** One fault put into one file, and the tests that ought to notice it. */
export interface Mutant {
  /** What goes wrong, in words. */
  name: string;
  /** The file from the root of the project; `*` stands for what a migration's number may become. */
  file: string;
  /** Text that the file holds exactly once. */
  find: string;
  replace: string;
  /** Test files; `.test.sql` below supabase/tests, `_test.ts` from the root of the project. */
  tests: string[];
  /** SQL to run before the migrations, for a fault that shows in some projects only. */
  before?: string;
}

/** A migration by the name of its chapter, whatever its number. */
export function chapter(name: string): string {
  return `supabase/migrations/*_${name}.sql`;
}

/** The text with the fault in it. Throws unless `find` occurs exactly once. */
export function mutated(text: string, mutant: Mutant): string {
  const parts = text.split(mutant.find);
  if (parts.length !== 2) {
    throw new Error(`${mutant.file} holds the text to replace ${parts.length - 1} times, not once`);
  }
  return parts.join(mutant.replace);
}

/** The one file below `root` that a name with `*` means. */
export async function resolveFile(root: string, file: string): Promise<string> {
  if (!file.includes("*")) return join(root, file);
  const folder = join(root, dirname(file));
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const names = entries.map(({ name }) => name)
    .filter((name) => name.replace(/^\d+/, "*") === basename(file));
  if (names.length !== 1) throw new Error(`${file} means ${names.length} files, not one`);
  return join(folder, names[0]!);
}
