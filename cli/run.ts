import { CommanderError } from "commander";
import { JobForgeError } from "../shared/core/errors.ts";
import type { RunDev } from "./commands/dev.ts";
import type { InstallDeps } from "./commands/install.ts";
import { createProgram } from "./program.ts";
import { findProject, openSession } from "./session.ts";
import { UsageError } from "./usage_error.ts";
import { plain } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** The exit code of a command line, as the help lists them. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Where a command line runs. */
export interface RunOptions extends Omit<InstallDeps, "terminal"> {
  /** Returns the variables of the development stack. */
  devVariables(): Record<string, string>;
  /** Runs the local stack of a project, where it is at hand. */
  dev?: RunDev;
}

/** Runs one command line and returns its exit code. */
export async function run(
  args: string[],
  terminal: Terminal,
  { devVariables, ...install }: RunOptions,
): Promise<ExitCode> {
  let code: ExitCode = 0;
  let address: string | undefined;
  const program = createProgram(
    terminal,
    (json) => {
      const project = findProject(terminal, devVariables, install.devCommand);
      address = project.url;
      return openSession(project, terminal, json, () => void (code = 1));
    },
    install,
    devVariables,
    (ending) => void (code = ending),
  );
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (thrown) {
    return explain(thrown, terminal, address);
  }
}

function explain(thrown: unknown, terminal: Terminal, address: string | undefined): ExitCode {
  // Commander has already printed its message. A request for help is not an error.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
  if (thrown instanceof UsageError) {
    terminal.err(`error: ${thrown.message}`);
    return 2;
  }
  if (isFileError(thrown)) {
    terminal.err(`error: ${thrown.message}`);
    return 1;
  }
  if (!(thrown instanceof JobForgeError)) throw thrown;
  terminal.err(`error: ${plain(thrown.message, 1_000)} (${thrown.code})`);
  if (thrown.code !== "unavailable") return 1;
  terminal.err(`SUPABASE_URL is ${plain(address, 200)}`);
  return 3;
}

/** An error of a file or a folder, such as a missing permission. Its message names the path. */
function isFileError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && "syscall" in thrown && "path" in thrown;
}
