/** The command line of this repository: `deno task jobforge <command>`. `--help` lists commands. */
import { parseEnv } from "node:util";
import { DEV_ENV_FILE } from "../local/dev/dev_files.ts";
import { builtPackage } from "../packages/pack/built_package.ts";
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

Deno.exit(
  await run(Deno.args, systemTerminal, {
    devVariables,
    kit: async () => ({
      folder: await builtPackage(),
      command: "npx -y deno@2.9.6 task jobforge",
    }),
    // `deno task` runs in the folder of the project and keeps where it was typed.
    folder: Deno.env.get("INIT_CWD") ?? Deno.cwd(),
  }),
);
