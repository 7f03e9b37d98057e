import { npx, type Output, SUPABASE_CLI } from "./command.ts";

/** Runs the official CLI on a database. */
export function supabase(url: string, ...args: string[]): Promise<Output> {
  return npx(SUPABASE_CLI, [...args, `--remote=${url}`]);
}
