import { PROJECT_ROOT } from "../project.ts";

const CLI = "supabase@3.1.0";

/** What a command printed, and how it ended. */
export interface Output {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the official CLI on a database, without its telemetry. */
export async function supabase(url: string, ...args: string[]): Promise<Output> {
  const { code, stdout, stderr } = await new Deno.Command("npx", {
    args: ["-y", CLI, ...args, `--remote=${url}`],
    cwd: PROJECT_ROOT,
    env: { SUPABASE_TELEMETRY_DISABLED: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}
