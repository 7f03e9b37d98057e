/** The command line: `deno task jobforge <command>`. `--help` lists the commands. */
import { parseEnv } from "node:util";
import { DEV_ENV_FILE } from "../local/dev/dev_files.ts";
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

Deno.exit(await run(Deno.args, systemTerminal, devVariables));
