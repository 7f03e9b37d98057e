import type { Command } from "commander";
import { integer } from "../arguments.ts";
import type { Act } from "../command.ts";
import { table } from "../table.ts";

/** The command setup: the project's URL, and the schedule of the dispatcher. */
export function setupCommand(program: Command, act: Act): void {
  program.command("setup")
    .description("store the project's URL and schedule the dispatcher (safe to repeat)")
    .option("--max-runs <runs>", "runs of the worker at once", integer(1, 100))
    .option("--worker <name>", "name of the worker among the project's functions")
    .action(act(async (session, options: { maxRuns?: number; worker?: string }) => {
      const rows = await session.rpc<Record<string, unknown>[]>("jobforge_setup", {
        p_project_url: session.project.url,
        p_max_runs: options.maxRuns ?? null,
        p_worker: options.worker ?? null,
      });
      session.show(rows, () => table(rows, ["setting", "value"]));
    }));
}
