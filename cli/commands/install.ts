import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { addJob } from "../install/add_job.ts";
import { type Kit, readKit } from "../install/kit.ts";
import { stepsAfterInit, stepsAfterUninstall } from "../install/next_steps.ts";
import { applyPlan, describePlan, type Plan } from "../install/plan.ts";
import { planInstall } from "../install/plan_install.ts";
import { planUninstall } from "../install/plan_uninstall.ts";
import { findProjectFolder } from "../install/project_folder.ts";
import { readRecord } from "../install/record.ts";
import { UsageError } from "../usage_error.ts";
import type { Terminal } from "../terminal.ts";

/** Whether a command asks before it writes. */
export interface Consent {
  yes?: boolean;
  dryRun?: boolean;
}

interface InitOptions extends Consent {
  prefix?: string;
  npm?: boolean;
  schemas?: boolean;
}

/** What the commands about a project's files need. */
export interface InstallDeps {
  terminal: Terminal;
  /** Builds or finds the package. */
  kit(): Promise<Kit>;
  /** Folder in which the command was typed. */
  folder: string;
  /** How the command line is typed on this machine, in any folder: for example `npx jobforge`. */
  command: string;
  /** How a local project is started on this machine, if it can be. */
  devCommand?: string;
  /** Folder of JobForge's own sources, which is no project to install it in. */
  source?: string;
}

/** The commands init, add and uninstall: the files of a project. They need no running project. */
export function installCommands(program: Command, deps: InstallDeps): void {
  program.command("init")
    .argument("[folder]", "the Supabase project", ".")
    .description("add JobForge to a Supabase project, after showing what changes")
    .option("--prefix <text>", "beginning of the functions' names (default: jobforge-)", prefix)
    .option("--npm", "import the npm package in the functions, and vendor no runtime")
    .option("--schemas", "also write supabase/schemas/jobforge.sql, for declarative schemas")
    .option("--dry-run", "show what would change, and write nothing")
    .option("--yes", "write without a question")
    .action((folder: string, options: InitOptions) => init(deps, folder, options));
  program.command("add")
    .argument("<what>", "job", onlyJob)
    .argument("<type>", "job type, such as invoice.send")
    .argument("[folder]", "the Supabase project", ".")
    .description("add a job type to supabase/jobs: a declaration and a handler")
    .action(async (_what: string, type: string, folder: string) => {
      const root = await findProjectFolder(resolved(deps, folder));
      await write(deps, await addJob(root, type, deps.command), { yes: true });
    });
  program.command("uninstall")
    .argument("[folder]", "the Supabase project", ".")
    .description("remove JobForge from a Supabase project, after showing what changes")
    .option("--never-pushed", "delete the migration too: it was pushed to no database")
    .option("--delete-open-jobs", "let the database delete jobs that have not finished")
    .option("--dry-run", "show what would change, and write nothing")
    .option("--yes", "write without a question")
    .action((folder: string, options) => uninstall(deps, folder, options));
}

async function init(
  deps: InstallDeps,
  folder: string,
  options: InitOptions,
): Promise<void> {
  const root = await findProjectFolder(resolved(deps, folder));
  if (root === deps.source) {
    throw new UsageError(
      `${root} is JobForge itself: name the folder of your project, as in ${deps.command} init ../my-app`,
    );
  }
  const { prefix, npm, schemas = false } = options;
  const contents = await readKit(await deps.kit());
  const plan = await planInstall(root, contents, { prefix, npm, schemas, now: new Date() });
  if (!await write(deps, plan, options)) return;
  const record = await readRecord(root);
  const place = { root, command: deps.command, prefix: record!.prefix };
  deps.terminal.out(await stepsAfterInit(place, plan));
}

async function uninstall(
  deps: InstallDeps,
  folder: string,
  options: Consent & { neverPushed?: boolean; deleteOpenJobs?: boolean },
): Promise<void> {
  const root = await findProjectFolder(resolved(deps, folder));
  const contents = await readKit(await deps.kit());
  const { neverPushed = false, deleteOpenJobs = false } = options;
  const record = await readRecord(root);
  const plan = await planUninstall(root, contents, {
    neverPushed,
    deleteOpenJobs,
    now: new Date(),
  });
  if (!await write(deps, plan, options) || neverPushed) return;
  const place = { root, command: deps.command, prefix: record!.prefix };
  deps.terminal.out(await stepsAfterUninstall(place, plan));
}

/** Shows a plan, asks, and does it. Returns whether it did. */
export async function write(
  deps: InstallDeps,
  plan: Plan,
  { yes, dryRun }: Consent,
): Promise<boolean> {
  const { terminal } = deps;
  const text = describePlan(plan);
  if (text !== "") terminal.out(text);
  if (plan.changes.length === 0) {
    terminal.out("Nothing to change.");
    return false;
  }
  if (dryRun) return false;
  if (!yes) {
    const answer = await terminal.ask(`Change these files in ${plan.root}? [y/N]`);
    if (answer === undefined) {
      throw new UsageError("a terminal is required to confirm: pass --yes in scripts");
    }
    if (!/^y(es)?$/i.test(answer.trim())) {
      terminal.out("Nothing was changed.");
      return false;
    }
  }
  await applyPlan(plan);
  return true;
}

/** Returns the path that was typed, from the folder in which the command was typed. */
export function resolved({ folder }: InstallDeps, given: string): string {
  return resolve(folder, given);
}

function prefix(text: string): string {
  if (text === "" || /^[A-Za-z][A-Za-z0-9_-]{0,40}$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a letter, then up to 40 letters, digits, _ or -.");
}

function onlyJob(text: string): string {
  if (text === "job") return text;
  throw new InvalidArgumentError("It must be job.");
}
