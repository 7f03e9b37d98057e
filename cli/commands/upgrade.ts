import type { Command } from "commander";
import { askVersion, readProjects } from "../install/environments.ts";
import { readKit } from "../install/kit.ts";
import { stepsAfterUpgrade } from "../install/next_steps.ts";
import { planUpgrade } from "../install/plan_upgrade.ts";
import { findProjectFolder } from "../install/project_folder.ts";
import { readRecord } from "../install/record.ts";
import { type Consent, type InstallDeps, resolved, write } from "./install.ts";

/** The command upgrade: the files of a project, from its version to this one. */
export function upgradeCommand(program: Command, deps: InstallDeps): void {
  program.command("upgrade")
    .argument("[folder]", "the Supabase project", ".")
    .description("upgrade JobForge in a Supabase project, after showing what changes")
    .option(
      "--env-file <file>",
      "file with SUPABASE_URL and SUPABASE_SECRET_KEY of an environment, repeatable",
      (file: string, files: string[]) => [...files, file],
      [],
    )
    .option("--dry-run", "show what would change, and write nothing")
    .option("--yes", "write without a question")
    .action((folder: string, options: Consent & { envFile: string[] }) =>
      upgrade(deps, folder, options)
    );
}

async function upgrade(
  deps: InstallDeps,
  folder: string,
  options: Consent & { envFile: string[] },
): Promise<void> {
  const { terminal } = deps;
  const root = await findProjectFolder(resolved(deps, folder));
  const files = options.envFile.map((file) => resolved(deps, file));
  const projects = await readProjects(files, terminal.env);
  const environments = await Promise.all(projects.map(askVersion));
  for (const { url, version } of environments) {
    terminal.out(`${url} has ${version ? `JobForge ${version}` : "no JobForge"}`);
  }
  if (environments.length === 0) {
    terminal.out("No environment was asked: name each by --env-file, or set SUPABASE_URL.");
  }
  const plan = await planUpgrade(root, await readKit(await deps.kit()), environments, new Date());
  if (plan.changes.length > 0) terminal.out(`From JobForge ${plan.from} to ${plan.to}:`);
  if (!await write(deps, plan, options)) return;
  const { prefix } = (await readRecord(root))!;
  terminal.out(await stepsAfterUpgrade({ root, command: deps.command, prefix }, plan));
}
