import { Command } from "commander";
import type { Act, AddCommands } from "./command.ts";
import { alertCommands } from "./commands/alerts.ts";
import { bulkCommands } from "./commands/bulk.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { connectorCommands } from "./commands/connectors.ts";
import { eraseCommand } from "./commands/erase.ts";
import { jobCommands } from "./commands/jobs.ts";
import { queueCommands } from "./commands/queues.ts";
import { scheduleCommands } from "./commands/schedules.ts";
import { secretCommands } from "./commands/secrets.ts";
import { statsCommands } from "./commands/stats.ts";
import type { Session } from "./session.ts";
import type { Terminal } from "./terminal.ts";

const COMMANDS: AddCommands[] = [
  ...[statsCommands, jobCommands, bulkCommands, queueCommands, scheduleCommands],
  ...[secretCommands, connectorCommands, alertCommands, eraseCommand, doctorCommand],
];

const EXIT_CODES = `
Exit codes: 0 done · 1 refused, or something is wrong · 2 wrong use · 3 the project is not reached.
The project: SUPABASE_URL and SUPABASE_SECRET_KEY, else the running \`deno task dev\`.`;

/** The command line; `open` is called when a command begins. */
export function createProgram(terminal: Terminal, open: (json: boolean) => Session): Command {
  const program = new Command("jobforge")
    .description("Operate JobForge, on a local or a hosted project.")
    .option("--json", "print JSON, one document a line")
    .addHelpText("after", EXIT_CODES)
    .helpCommand(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      // What follows an unknown option may be a secret.
      outputError: (text, write) => write(text.replace(/('--?[\w-]+)=[^\n]*'/, "$1'")),
    });
  const act: Act = (work) => async (...given) => {
    await work(open(program.opts().json === true), ...given);
  };
  for (const add of COMMANDS) add(program, act);
  return program;
}
