import { JobForgeError } from "../../shared/core/errors.ts";
import { removeFunctionSections } from "./config_toml.ts";
import type { KitContents } from "./kit.ts";
import { layoutOf, recordIn } from "./layout.ts";
import { hasHash } from "./merge.ts";
import { migrationFile, readMigrations } from "./migrations.ts";
import { type Plan, readIfThere } from "./plan.ts";
import { backupOf, type InstallRecord, readRecord } from "./record.ts";
import { FUNCTIONS } from "./templates.ts";

/** What `uninstall` was asked for. */
export interface UninstallOptions {
  /** The migration was pushed nowhere, so it goes too. */
  neverPushed: boolean;
  /** The migration that removes the schema does not look for open jobs. */
  deleteOpenJobs: boolean;
  now: Date;
}

const OPEN_CHECK = /do \$open\$[\s\S]*?\$open\$;\n\n/;

/**
 * Plans the way back: deletes what `init` wrote and undoes its edits. What the team changed since
 * stays, with a note. Databases get a migration that removes the schema, and refuses while jobs are
 * open. Throws `not_found` when JobForge is not installed.
 */
export async function planUninstall(
  root: string,
  contents: KitContents,
  options: UninstallOptions,
): Promise<Plan> {
  const record = await readRecord(root);
  if (!record) throw new JobForgeError("not_found", `JobForge is not installed in ${root}`);
  const plan: Plan = { root, changes: [], notes: [] };
  const layout = await layoutOf(root);
  const { newest, own } = await readMigrations(root, layout.migrations);
  const migrations = new Map(own.map(({ path, hash }) => [path, hash]));
  for (const [path, hash] of Object.entries(record.files)) {
    if (!migrations.has(path)) await removeFile(plan, path, hash);
  }
  // A migration may have another name by now.
  const written = new Set(Object.values(record.files));
  for (const [path, hash] of options.neverPushed ? migrations : []) {
    await removeFile(plan, path, written.has(hash) ? hash : "");
  }
  await removeFile(plan, recordIn(layout), undefined);
  await undoEdits(plan, record);
  if (!options.neverPushed && own.length > 0) {
    const name = migrationFile("jobforge_uninstall", newest, options.now);
    const path = `${layout.migrations}/${name}`;
    const text = contents.uninstallSql;
    const after = options.deleteOpenJobs ? text.replace(OPEN_CHECK, "") : text;
    plan.changes.push({ path, before: undefined, after });
  }
  return plan;
}

async function removeFile(plan: Plan, path: string, hash: string | undefined): Promise<void> {
  const before = await readIfThere(plan.root, path);
  if (before === undefined) return;
  if (hash === undefined || hasHash(before, hash)) {
    plan.changes.push({ path, before, after: undefined });
  } else plan.notes.push(`${path} was changed since init and stays: delete it yourself`);
}

async function undoEdits(plan: Plan, { edited, prefix }: InstallRecord): Promise<void> {
  for (const [path, hash] of Object.entries(edited)) {
    const present = await readIfThere(plan.root, path);
    if (present === undefined) continue;
    const before = await readIfThere(plan.root, backupOf(path));
    if (hasHash(present, hash) && before !== undefined) {
      plan.changes.push({ path, before: present, after: before });
    } else if (path.endsWith(".toml")) removeSections(plan, path, present, prefix);
    else plan.notes.push(`${path} was changed since init and stays: undo the exclusions yourself`);
  }
}

function removeSections(plan: Plan, path: string, present: string, prefix: string): void {
  const after = removeFunctionSections(present, FUNCTIONS.map((kind) => `${prefix}${kind}`));
  if (after !== present) plan.changes.push({ path, before: present, after });
}
