import { PROJECT_ROOT } from "../project.ts";

/** The official CLI, as npm has it. */
export const SUPABASE_CLI = "supabase@3.1.0";
/** What Supabase's edge runtime is made of. */
export const OLD_DENO = "deno@2.1.4";

/** How a command ended, with what it printed. */
export interface Output {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a package of npm without colors, prompts and telemetry. */
export async function npx(
  spec: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Output> {
  const { code, stdout, stderr } = await new Deno.Command("npx", {
    args: ["-y", spec, ...args],
    cwd: options.cwd ?? PROJECT_ROOT,
    env: {
      NO_COLOR: "1",
      SUPABASE_TELEMETRY_DISABLED: "1",
      DENO_TLS_CA_STORE: "mozilla,system",
      ...options.env,
    },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Path of a Deno of the version the edge runtime is made of. */
export async function oldDenoPath(): Promise<string> {
  const { code, stdout, stderr } = await npx(OLD_DENO, [
    ...["eval", "--no-lock", "console.log(Deno.execPath())"],
  ]);
  if (code !== 0) throw new Error(`${OLD_DENO} does not start: ${stderr}`);
  return stdout.trim();
}
