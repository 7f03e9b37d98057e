import { join } from "node:path";
import { builtPackage } from "../pack/built_package.ts";

/** How a command ended, with everything that it printed. */
export interface Ended {
  code: number;
  text: string;
}

/** Runs a command in a folder. */
export async function run(
  folder: string,
  command: string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  const [program, ...args] = command;
  const { code, stdout, stderr } = await new Deno.Command(program!, {
    args,
    cwd: folder,
    env: { NO_COLOR: "1", CI: "1", NEXT_TELEMETRY_DISABLED: "1", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Runs a command that must succeed, and returns what it printed. */
export async function mustRun(
  folder: string,
  command: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { code, text } = await run(folder, command, env);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${text}`);
  return text;
}

/** Packs the package as npm does, and returns the path of the tarball in a folder. */
export async function packInto(folder: string): Promise<string> {
  const names = await mustRun(folder, ["npm", "pack", "--silent", await builtPackage()]);
  return join(folder, names.trim().split("\n").at(-1)!);
}

/** Installs packages of npm. Their scripts do not run. */
export function npmInstall(folder: string, packages: string[]): Promise<string> {
  const options = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"];
  return mustRun(folder, ["npm", "install", ...options, ...packages]);
}
