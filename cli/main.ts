/** The command line of this repository: `deno task jobforge <command>`. `--help` lists commands. */
import { join } from "node:path";
import { parseEnv } from "node:util";
import { DEV_ENV_FILE } from "../local/dev/dev_files.ts";
import { builtPackage } from "../packages/pack/built_package.ts";
import { PROJECT_ROOT } from "../packages/pack/project_files.ts";
import { shellWord } from "./install/next_steps.ts";
import type { RunDev } from "./commands/dev.ts";
import { run } from "./run.ts";
import { systemTerminal } from "./terminal.ts";

/** Returns the variables `deno task dev` writes while it runs. */
function devVariables(): Record<string, string> {
  try {
    return parseEnv(Deno.readTextFileSync(DEV_ENV_FILE)) as Record<string, string>;
  } catch {
    return {};
  }
}

/** Returns how a task is typed in any folder of this machine. */
function taskCommand(task: string): string {
  const viaNpx = Deno.env.get("npm_command") === "exec";
  const deno = viaNpx ? `npx -y deno@${Deno.version.deno}` : "deno";
  return `${deno} task --config ${shellWord(join(PROJECT_ROOT, "deno.json"))} ${task}`;
}

/** Loaded when it is asked for, because no other command needs the packages of the stack. */
const dev: RunDev = async (root, { db: databaseUrl, reset = false }, command) => {
  // Not a literal, so that a container of the worker needs none of its files.
  const module = "../local/dev/user_dev.ts";
  const { userDev } = await import(module) as typeof import("../local/dev/user_dev.ts");
  return await userDev({ root, databaseUrl, reset, command });
};

Deno.exit(
  await run(Deno.args, systemTerminal, {
    devVariables,
    kit: async () => ({ folder: await builtPackage() }),
    // `deno task` runs in the folder of the project and keeps where it was typed.
    folder: Deno.env.get("INIT_CWD") ?? Deno.cwd(),
    command: taskCommand("jobforge"),
    devCommand: taskCommand("dev"),
    source: PROJECT_ROOT,
    dev,
  }),
);
