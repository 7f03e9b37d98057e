import { dirname, join, relative } from "node:path";
import { JobForgeError } from "../../shared/core/errors.ts";
import { addFunctionSections, loadsSchema, removeFunctionSections } from "./config_toml.ts";
import type { KitContents } from "./kit.ts";
import { migrationPath, readMigrations } from "./migrations.ts";
import { fromNpm, npmNote } from "./npm_imports.ts";
import { hasFiles, type Plan, readIfThere } from "./plan.ts";
import { repositoryOf } from "./project_folder.ts";
import { backupOf, hashOf, type InstallRecord, readRecord, RECORD_FILE } from "./record.ts";
import {
  DEFINITIONS,
  DEFINITIONS_FILE,
  functionFiles,
  FUNCTIONS,
  HANDLERS,
  HANDLERS_FILE,
  RUNTIME_FOLDER,
  runtimeManifest,
} from "./templates.ts";
import { excludeDenoFiles } from "./tsconfig.ts";
import { zodOf } from "./zod_version.ts";

/** What `init` was asked for. */
export interface InstallOptions {
  /** Beginning of the functions' names, default `jobforge-` or what is installed. */
  prefix: string | undefined;
  /** Also write `supabase/schemas/jobforge.sql`. */
  schemas: boolean;
  /** Import the runtime from npm instead of vendoring it. Default what is installed. */
  npm?: boolean | undefined;
  now: Date;
  /** Instead of the whole schema, the migration from the version that is installed. */
  upgradeSql?: string;
}

const CONFIG = "supabase/config.toml";
const SCHEMA_FILE = "supabase/schemas/jobforge.sql";

/** A plan while it is made. */
interface Draft extends Plan {
  record: InstallRecord;
  earlier: InstallRecord | undefined;
}

/**
 * Plans what `init` writes. It writes over no file that it did not write itself: what the team
 * changed stays, and a new version of it is put beside it as `.new`. Throws `wrong_state` where the
 * project already has what it would write.
 */
export async function planInstall(
  root: string,
  contents: KitContents,
  options: InstallOptions,
): Promise<Plan> {
  const earlier = await readRecord(root);
  const prefix = options.prefix ?? earlier?.prefix ?? "jobforge-";
  requireSame(earlier, options.upgradeSql ? earlier!.version : contents.version, prefix);
  const { version } = contents;
  const files = { ...earlier?.files };
  const npm = requireSameImports(earlier, options.npm) ? { npm: true as const } : {};
  const record = { version, prefix, files, edited: { ...earlier?.edited }, ...npm };
  const draft: Draft = { root, changes: [], notes: [], record, earlier };
  const slugs = FUNCTIONS.map((kind) => `${prefix}${kind}`);
  if (record.npm) draft.notes.push(npmNote(version));
  else await addRuntime(draft, contents);
  await addFunctions(draft, slugs, contents);
  await addJobs(draft);
  await addMigration(draft, contents, options);
  await editConfig(draft, slugs);
  await editTsconfigs(draft);
  await addFile(draft, RECORD_FILE, `${JSON.stringify(record, null, 2)}\n`, { recorded: false });
  return { root, changes: draft.changes, notes: draft.notes };
}

function requireSame(earlier: InstallRecord | undefined, version: string, prefix: string): void {
  if (earlier && earlier.version !== version) {
    throw rejected(`the project has JobForge ${earlier.version}, and this is ${version}`);
  }
  if (earlier && earlier.prefix !== prefix) {
    throw rejected(
      `the functions' names begin with ${earlier.prefix}: run uninstall first to change that`,
    );
  }
}

/** Returns whether the runtime comes from npm. */
function requireSameImports(earlier: InstallRecord | undefined, asked?: boolean): boolean {
  const present = earlier?.npm === true;
  if (earlier && asked && !present) {
    throw rejected("the project has the vendored runtime: run uninstall first to change that");
  }
  return asked || present;
}

/** Returns a file of a function, or of the jobs, with the imports that the project uses. */
function imported({ record }: Draft, path: string, text: string): string {
  return record.npm ? fromNpm(path, text, record.version) : text;
}

async function addRuntime(draft: Draft, contents: KitContents): Promise<void> {
  for (const [name, text] of contents.runtime) {
    await addFile(draft, `${RUNTIME_FOLDER}/${name}`, text);
  }
  await addFile(draft, `${RUNTIME_FOLDER}/package.json`, runtimeManifest(contents.version));
  await addFile(draft, `${RUNTIME_FOLDER}/LICENSES.txt`, contents.licenses);
  for (const path of Object.keys(draft.record.files)) {
    // A chunk of an earlier build.
    if (!path.startsWith(`${RUNTIME_FOLDER}/chunk-`)) continue;
    if (contents.runtime.has(path.slice(RUNTIME_FOLDER.length + 1))) continue;
    draft.changes.push({ path, before: await readIfThere(draft.root, path), after: undefined });
    delete draft.record.files[path];
  }
}

async function addFunctions(draft: Draft, slugs: string[], contents: KitContents): Promise<void> {
  const zod = await zodOf(draft.root, contents.zod);
  if (zod.note) draft.notes.push(zod.note);
  for (const [index, kind] of FUNCTIONS.entries()) {
    const slug = slugs[index]!;
    for (const [path, text] of functionFiles(kind, slug, zod.range)) {
      const taken = !(path in draft.record.files) && await readIfThere(draft.root, path);
      if (typeof taken === "string") {
        throw rejected(`${path} exists: choose other names by --prefix`);
      }
      await addFile(draft, path, imported(draft, path, text));
    }
  }
}

/** The job files belong to the team from the start, so they are written once. */
async function addJobs(draft: Draft): Promise<void> {
  for (
    const [path, text] of [[DEFINITIONS_FILE, DEFINITIONS], [HANDLERS_FILE, HANDLERS]] as const
  ) {
    if (path in draft.record.files) continue;
    if (await readIfThere(draft.root, path) === undefined) {
      await addFile(draft, path, imported(draft, path, text));
    } else draft.notes.push(`${path} exists and stays: it must export what the functions import`);
  }
}

async function addMigration(
  draft: Draft,
  contents: KitContents,
  { now, schemas, upgradeSql }: InstallOptions,
): Promise<void> {
  const { version, prefix } = draft.record;
  const text = `${contents.schemaSql}
update jobforge.settings set worker_function = '${prefix}worker' where id;
`;
  const { newest, own } = await readMigrations(draft.root);
  const present = own.at(-1);
  if (present && present.version !== version && !upgradeSql) {
    throw rejected(`${present.path} is of JobForge ${present.version}, and this is ${version}`);
  }
  if (own.length === 0 || (upgradeSql && present?.version !== version)) {
    const name = `jobforge_${version.replaceAll(".", "_")}`;
    await addFile(draft, migrationPath(name, newest, now), upgradeSql ?? text);
  }
  if (schemas || SCHEMA_FILE in draft.record.files) {
    await addFile(draft, SCHEMA_FILE, text);
    const config = await readIfThere(draft.root, CONFIG) ?? "";
    if (!loadsSchema(config, "jobforge.sql")) {
      draft.notes.push("add ./schemas/jobforge.sql to schema_paths in supabase/config.toml");
    }
  } else if (await hasFiles(draft.root, "supabase/schemas")) {
    draft.notes.push("supabase/schemas has declarative schemas: pass --schemas to add JobForge's");
  }
}

async function editConfig(draft: Draft, slugs: string[]): Promise<void> {
  const before = await readIfThere(draft.root, CONFIG) ?? "";
  const after = addFunctionSections(before, slugs);
  if (after === before) return;
  await edit(draft, CONFIG, { before, after, original: removeFunctionSections(before, slugs) });
}

/** Edits each tsconfig.json between the project and the root of its repository. */
async function editTsconfigs(draft: Draft): Promise<void> {
  const repository = await repositoryOf(draft.root);
  for (let folder = draft.root;; folder = dirname(folder)) {
    const path = join(relative(draft.root, folder), "tsconfig.json");
    const before = await readIfThere(draft.root, path);
    // A team that took the exclusions back is not asked again.
    if (before !== undefined && !draft.earlier?.edited[path]) {
      const after = excludeDenoFiles(before, relative(folder, draft.root));
      if (after !== before) await edit(draft, path, { before, after, original: before });
    }
    if (folder === repository) return;
  }
}

/** Edits a file of the team. `original` is kept beside it, for `uninstall` and for the team. */
async function edit(
  draft: Draft,
  path: string,
  { before, after, original }: { before: string; after: string; original: string },
): Promise<void> {
  draft.changes.push({ path, before, after });
  draft.record.edited[path] = hashOf(after);
  await addFile(draft, backupOf(path), original);
}

/** Adds a file as it must be, unless the team changed it. */
async function addFile(
  draft: Draft,
  path: string,
  text: string,
  { recorded = true } = {},
): Promise<void> {
  const present = await readIfThere(draft.root, path);
  const hash = hashOf(text);
  const written = draft.earlier?.files[path];
  if (recorded) draft.record.files[path] = hash;
  if (present === text) return;
  if (present === undefined || !recorded || hashOf(present) === written) {
    return void draft.changes.push({ path, before: present, after: text });
  }
  if (written === hash) return;
  const beside = `${path}.new`;
  draft.notes.push(`${path} was changed by hand and stays: compare it with ${beside}`);
  const besideNow = await readIfThere(draft.root, beside);
  if (besideNow !== text) draft.changes.push({ path: beside, before: besideNow, after: text });
}

function rejected(message: string): JobForgeError {
  return new JobForgeError("wrong_state", message);
}
