import { Command } from "commander";
import type { Act, AddCommands } from "./command.ts";
import { alertCommands } from "./commands/alerts.ts";
import { auditCommands } from "./commands/audit.ts";
import { bulkCommands } from "./commands/bulk.ts";
import { devCommand, type RunDev } from "./commands/dev.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { connectorCommands } from "./commands/connectors.ts";
import { destinationCommands } from "./commands/destinations.ts";
import { enqueueCommands } from "./commands/enqueue.ts";
import { eraseCommand } from "./commands/erase.ts";
import { installCommands, type InstallDeps } from "./commands/install.ts";
import { jobCommands } from "./commands/jobs.ts";
import { queueCommands } from "./commands/queues.ts";
import { scheduleCommands } from "./commands/schedules.ts";
import { secretCommands } from "./commands/secrets.ts";
import { setupCommand } from "./commands/setup.ts";
import { upgradeCommand } from "./commands/upgrade.ts";
import { statsCommands } from "./commands/stats.ts";
import { workerCommand } from "./commands/worker.ts";
import { VERSION } from "../shared/core/version.ts";
import { type Session, warnOfVersion } from "./session.ts";
import type { Terminal } from "./terminal.ts";

const COMMANDS: AddCommands[] = [
  ...[statsCommands, jobCommands, enqueueCommands, bulkCommands, queueCommands, scheduleCommands],
  ...[secretCommands, connectorCommands, destinationCommands, alertCommands],
  ...[auditCommands, eraseCommand, doctorCommand, setupCommand],
];

const exitCodes = (devCommand: string | undefined) => `
Exit codes: 0 success, 1 rejected or check failed, 2 usage error, 3 project unreachable.
Project: set SUPABASE_URL and SUPABASE_SECRET_KEY${
  devCommand ? `, or run \`${devCommand}\`` : ""
}.`;

/** Creates the command line. `open` is called when a command about a running project starts. */
export function createProgram(
  terminal: Terminal,
  open: (json: boolean) => Session,
  install: Omit<InstallDeps, "terminal"> & { dev?: RunDev },
  devVariables: () => Record<string, string>,
  ended: (code: 0 | 1) => void,
): Command {
  const program = new Command("jobforge")
    .description("Add JobForge to a Supabase project, and operate it.")
    .option("--json", "print JSON, one document per line")
    .addHelpText("after", exitCodes(install.devCommand))
    .version(VERSION)
    .helpCommand(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      // The value of an unknown option may be a secret.
      outputError: (text, write) => write(text.replace(/('--?[\w-]+)=[^\n]*'/, "$1'")),
    });
  const act: Act = (work) => async (...given) => {
    const session = open(program.opts().json === true);
    const warned = warnOfVersion(session);
    await work(session, ...given);
    await warned;
  };
  installCommands(program, { terminal, ...install });
  upgradeCommand(program, { terminal, ...install });
  devCommand(program, { terminal, ...install }, ended);
  for (const add of COMMANDS) add(program, act);
  workerCommand(program, terminal, devVariables);
  return program;
}
