import type { Command } from "commander";
import { integer } from "../arguments.ts";
import type { Act } from "../command.ts";
import { table } from "../table.ts";

interface Settings {
  maxRuns?: number;
  worker?: string;
  projectUrl?: string;
}

/** The command setup: the project's URL, and the schedule of the dispatcher. */
export function setupCommand(program: Command, act: Act): void {
  program.command("setup")
    .description("store the project's URL and schedule the dispatcher (safe to repeat)")
    .option("--max-runs <runs>", "runs of the worker at once", integer(1, 100))
    .option("--worker <name>", "name of the worker among the project's functions")
    .option(
      "--project-url <url>",
      "where the database reaches the functions, if not at SUPABASE_URL: http://kong:8000 in Docker",
    )
    .action(act(async (session, options: Settings) => {
      const rows = await session.rpc<Record<string, unknown>[]>("jobforge_setup", {
        p_project_url: options.projectUrl ?? session.project.url,
        p_max_runs: options.maxRuns ?? null,
        p_worker: options.worker ?? null,
      });
      session.show(rows, () => table(rows, ["setting", "value"]));
    }));
}
