/** One fault put into one file, and the tests that ought to fail. */
export interface Mutant {
  /** What goes wrong, in words. */
  name: string;
  /** The file from the root of the project. */
  file: string;
  /** Text that the file holds exactly once. */
  find: string;
  replace: string;
  /** Test files; `.test.sql` below supabase/tests, `_test.ts` from the root of the project. */
  tests: string[];
  /** SQL to run before the migrations, for a fault that shows in some projects only. */
  before?: string;
}

/** A file of supabase/schemas by its folder and name, for example `40_runs/claim`. */
export function schema(name: string): string {
  return `supabase/schemas/${name}.sql`;
}

/** The text with the fault in it. Throws unless `find` occurs exactly once. */
export function mutated(text: string, mutant: Mutant): string {
  const parts = text.split(mutant.find);
  if (parts.length !== 2) {
    throw new Error(`${mutant.file} holds the text to replace ${parts.length - 1} times, not once`);
  }
  return parts.join(mutant.replace);
}
