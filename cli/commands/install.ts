import { type Command, InvalidArgumentError } from "commander";
import { addJob } from "../install/add_job.ts";
import { type Kit, readKit } from "../install/kit.ts";
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

/** What the commands about a project's files need. */
export interface InstallDeps {
  terminal: Terminal;
  /** Builds or finds the package. */
  kit(): Promise<Kit>;
  /** Folder in which the command was typed. */
  folder: string;
}

/** The commands init, add and uninstall: the files of a project. They need no running project. */
export function installCommands(program: Command, deps: InstallDeps): void {
  program.command("init")
    .argument("[folder]", "the Supabase project", ".")
    .description("add JobForge to a Supabase project, after showing what changes")
    .option("--prefix <text>", "beginning of the functions' names (default: jobforge-)", prefix)
    .option("--schemas", "also write supabase/schemas/jobforge.sql, for declarative schemas")
    .option("--dry-run", "show what would change, and write nothing")
    .option("--yes", "write without a question")
    .action((folder: string, options: Consent & { prefix?: string; schemas?: boolean }) =>
      init(deps, folder, options)
    );
  program.command("add")
    .argument("<what>", "job", onlyJob)
    .argument("<type>", "job type, such as invoice.send")
    .argument("[folder]", "the Supabase project", ".")
    .description("add a job type to supabase/jobs: a declaration and a handler")
    .action(async (_what: string, type: string, folder: string) => {
      const root = await findProjectFolder(resolved(deps, folder));
      await write(deps, await addJob(root, type), { yes: true });
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
  options: Consent & { prefix?: string; schemas?: boolean },
): Promise<void> {
  const root = await findProjectFolder(resolved(deps, folder));
  const kit = await deps.kit();
  const { prefix, schemas = false } = options;
  const plan = await planInstall(root, await readKit(kit), { prefix, schemas, now: new Date() });
  if (!await write(deps, plan, options)) return;
  const record = await readRecord(root);
  deps.terminal.out(nextSteps(root, kit.command, record!.prefix));
}

function nextSteps(root: string, command: string, prefix: string): string {
  const functions = ["worker", "enqueue", "webhooks"].map((kind) => prefix + kind).join(" ");
  return `
Next, in ${root}, with the reference of your project in place of <ref>:
  npx supabase db push --remote=<ref>
  npx supabase functions deploy ${functions} --remote=<ref>
  SUPABASE_URL=https://<ref>.supabase.co SUPABASE_SECRET_KEY=<secret key> ${command} setup`;
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
  const functions = ["worker", "enqueue", "webhooks"].map((kind) => record!.prefix + kind);
  const deletions = functions.map((slug) =>
    `\n  npx supabase functions delete ${slug} --remote=<ref>`
  );
  deps.terminal.out(`
Next, in ${root}, with the reference of your project in place of <ref>:
  npx supabase db push --remote=<ref>${deletions.join("")}`);
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
  return new URL(given.replace(/\/*$/, "/"), `file://${folder}/`).pathname;
}

function prefix(text: string): string {
  if (text === "" || /^[A-Za-z][A-Za-z0-9_-]{0,40}$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a letter, then up to 40 letters, digits, _ or -.");
}

function onlyJob(text: string): string {
  if (text === "job") return text;
  throw new InvalidArgumentError("It must be job.");
}
