import type { Command } from "commander";
import { findProjectFolder } from "../install/project_folder.ts";
import { shellWord } from "../install/next_steps.ts";
import { UsageError } from "../usage_error.ts";
import { type InstallDeps, resolved } from "./install.ts";

/** What `dev` was asked for. */
export interface DevOptions {
  /** URL of a superuser of another Postgres. */
  db?: string;
  /** Delete the data first. */
  reset?: boolean;
}

/** Runs the local stack of a project, and returns the exit code. `command` is how it was typed. */
export type RunDev = (root: string, options: DevOptions, command: string) => Promise<0 | 1>;

const HELP = `
Needs no Docker: Postgres comes from npm. The data is in .jobforge/ of the project. Ports: 54421,
54422 and 54423, or JOBFORGE_PORT, JOBFORGE_DB_PORT and JOBFORGE_DASHBOARD_PORT.`;

/** The command dev: the project's migrations and functions on a local stack, until Ctrl-C. */
export function devCommand(
  program: Command,
  deps: InstallDeps & { dev?: RunDev },
  ended: (code: 0 | 1) => void,
): void {
  program.command("dev")
    .argument("[folder]", "the Supabase project", ".")
    .description("run the project's migrations and functions on a local stack, until Ctrl-C")
    .option("--db <url>", "use another Postgres: URL of a superuser, with a database to create")
    .option("--reset", "delete the local data first")
    .addHelpText("after", HELP)
    .action(async (folder: string, options: DevOptions) => {
      const root = await findProjectFolder(resolved(deps, folder));
      if (root === deps.source) {
        throw new UsageError(`${root} is JobForge itself: run ${deps.devCommand}`);
      }
      if (!deps.dev) {
        throw new UsageError(
          "the npm package has no local stack: in a clone of JobForge, run " +
            `npx -y deno@2.9.6 task jobforge dev ${shellWord(root)}`,
        );
      }
      ended(await deps.dev(root, options, `${deps.command} dev ${shellWord(root)}`));
    });
}
