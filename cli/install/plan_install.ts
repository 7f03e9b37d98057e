import { dirname, join, relative } from "node:path";
import { parseEnv } from "node:util";
import { JobForgeError } from "../../shared/core/errors.ts";
import { addFunctionSections, loadsSchema, removeFunctionSections } from "./config_toml.ts";
import type { KitContents } from "./kit.ts";
import { type Layout, layoutOf, recordIn } from "./layout.ts";
import { hasHash, inLineEndsOf, merged } from "./merge.ts";
import { migrationFile, readMigrations } from "./migrations.ts";
import { fromNpm, npmNote } from "./npm_imports.ts";
import { hasFiles, type Plan, readIfThere } from "./plan.ts";
import { repositoryOf } from "./project_folder.ts";
import { backupOf, hashOf, type InstallRecord, readRecord } from "./record.ts";
import { functionFiles, FUNCTIONS, jobFiles, runtimeManifest } from "./templates.ts";
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

/** A plan while it is made. */
interface Draft extends Plan {
  layout: Layout;
  record: InstallRecord;
  earlier: InstallRecord | undefined;
}

/**
 * Plans what `init` writes. It writes over no file that it did not write itself. What the team
 * changed since gets the changes of the new version, or keeps its text and has the new version beside
 * it as `.new`. Throws `wrong_state` where the project already has what it would write.
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
  const { files, texts, edited } = earlier ?? {};
  const npm = requireSameImports(earlier, options.npm) ? { npm: true as const } : {};
  const record = {
    version,
    prefix,
    files: { ...files },
    texts: { ...texts },
    edited: { ...edited },
    ...npm,
  };
  const layout = await layoutOf(root);
  const draft: Draft = { root, layout, changes: [], notes: [], record, earlier };
  if (record.npm) draft.notes.push(npmNote(version));
  else await addRuntime(draft, contents);
  const slugs = await addFunctions(draft, contents);
  await addJobs(draft);
  await addMigration(draft, contents, options);
  if (layout.config !== undefined) {
    await editConfig(draft, layout.config, slugs);
    await editTsconfigs(draft);
  } else await checkRouter(draft);
  await addFile(draft, recordIn(layout), `${JSON.stringify(record, null, 2)}\n`, {
    recorded: false,
  });
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
  const { runtime } = draft.layout;
  for (const [name, text] of contents.runtime) {
    await addFile(draft, `${runtime}/${name}`, text);
  }
  await addFile(draft, `${runtime}/package.json`, runtimeManifest(contents.version));
  await addFile(draft, `${runtime}/LICENSES.txt`, contents.licenses);
  for (const [path, hash] of Object.entries(draft.record.files)) {
    // A chunk of an earlier build.
    if (!path.startsWith(`${runtime}/chunk-`)) continue;
    if (contents.runtime.has(path.slice(runtime.length + 1))) continue;
    const before = await readIfThere(draft.root, path);
    if (before !== undefined && hasHash(before, hash)) {
      draft.changes.push({ path, before, after: undefined });
    }
    delete draft.record.files[path];
  }
}

/** Adds the functions but those that the team deleted. Returns their names. */
async function addFunctions(draft: Draft, contents: KitContents): Promise<string[]> {
  const { root, layout, notes, record } = draft;
  const zod = await zodOf(root, contents.zod);
  if (zod.note) notes.push(zod.note);
  const slugs: string[] = [];
  for (const kind of FUNCTIONS) {
    const slug = record.prefix + kind;
    const files = functionFiles(layout, kind, slug, zod.range);
    const present = await Promise.all(files.map(([path]) => readIfThere(root, path)));
    const foreign = files.find(([path], at) =>
      !(path in record.files) && present[at] !== undefined
    );
    if (foreign) throw rejected(`${foreign[0]} exists: choose other names by --prefix`);
    if (present[0] === undefined && files[0]![0] in record.files) {
      notes.push(`${slug} was deleted and stays so`);
      continue;
    }
    for (const [path, text] of files) {
      await addFile(draft, path, imported(draft, path, text), { merges: true });
    }
    slugs.push(slug);
  }
  return slugs;
}

/** The job files belong to the team from the start, so they are written once. */
async function addJobs(draft: Draft): Promise<void> {
  for (const [path, text] of jobFiles(draft.layout)) {
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
  const folder = draft.layout.migrations;
  const { newest, own } = await readMigrations(draft.root, folder);
  const present = own.at(-1);
  if (present && present.version !== version && !upgradeSql) {
    throw rejected(`${present.path} is of JobForge ${present.version}, and this is ${version}`);
  }
  if (own.length === 0 || (upgradeSql && present?.version !== version)) {
    const name = `jobforge_${version.replaceAll(".", "_")}`;
    await addFile(draft, `${folder}/${migrationFile(name, newest, now)}`, upgradeSql ?? text);
  }
  await addSchema(draft, text, schemas);
}

/** Adds the schema for teams with declarative schemas. */
async function addSchema(draft: Draft, text: string, wanted: boolean): Promise<void> {
  const { root, layout: { schemas, config } } = draft;
  if (!schemas || !config) {
    if (wanted) throw rejected("--schemas needs a project with supabase/config.toml");
    return;
  }
  const path = `${schemas}/jobforge.sql`;
  if (wanted || path in draft.record.files) {
    await addFile(draft, path, text);
    if (!loadsSchema(await readIfThere(root, config) ?? "", "jobforge.sql")) {
      draft.notes.push("add ./schemas/jobforge.sql to schema_paths in supabase/config.toml");
    }
  } else if (await hasFiles(root, schemas)) {
    draft.notes.push("supabase/schemas has declarative schemas: pass --schemas to add JobForge's");
  }
}

async function editConfig(draft: Draft, path: string, slugs: string[]): Promise<void> {
  const before = await readIfThere(draft.root, path) ?? "";
  const after = addFunctionSections(before, slugs);
  if (after === before) return;
  await edit(draft, path, { before, after, original: removeFunctionSections(before, slugs) });
}

/** The router of the compose file wants a JWT for every function, or for none. */
async function checkRouter({ root, notes }: Draft): Promise<void> {
  const { FUNCTIONS_VERIFY_JWT } = parseEnv(await readIfThere(root, ".env") ?? "");
  if (FUNCTIONS_VERIFY_JWT !== "true") return;
  notes.push("set FUNCTIONS_VERIFY_JWT=false in .env: the database calls the worker without a JWT");
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

/** What happens to a file that is there already. */
interface Handling {
  /** The record has its hash. */
  recorded?: boolean;
  /** The team may change it, so the record has its text. */
  merges?: boolean;
}

/** Adds a file as it must be, or what is new in it to what the team made of it. */
async function addFile(
  draft: Draft,
  path: string,
  next: string,
  { recorded = true, merges = false }: Handling = {},
): Promise<void> {
  const { changes, earlier, record } = draft;
  const before = await readIfThere(draft.root, path);
  const hash = earlier?.files[path];
  const written = earlier?.texts[path];
  if (recorded) record.files[path] = hashOf(next);
  if (merges) record.texts[path] = next;
  if (before === undefined) return void changes.push({ path, before, after: next });
  if (before === next) return;
  if (!recorded || hasHash(before, hash)) {
    const after = inLineEndsOf(before, next);
    if (after !== before) changes.push({ path, before, after });
    return;
  }
  if (hash === hashOf(next)) return;
  const after = written && merged({ written, present: before, next });
  if (!after) return await addBeside(draft, path, next);
  if (after === before) return;
  changes.push({ path, before, after });
  draft.notes.push(`${path} was changed by hand: it keeps your changes and gets the new ones`);
}

/** Puts the new version of a file beside it. */
async function addBeside(draft: Draft, path: string, next: string): Promise<void> {
  const beside = `${path}.new`;
  const before = await readIfThere(draft.root, beside);
  if (before !== undefined && before !== next && !hasHash(before, draft.earlier?.files[beside])) {
    throw rejected(`${beside} is yours, and the new version of ${path} goes there: move it away`);
  }
  draft.record.files[beside] = hashOf(next);
  draft.notes.push(`${path} was changed by hand and stays: compare it with ${beside}`);
  if (before !== next) draft.changes.push({ path: beside, before, after: next });
}

function rejected(message: string): JobForgeError {
  return new JobForgeError("wrong_state", message);
}
