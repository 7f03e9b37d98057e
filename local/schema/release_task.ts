/** `deno task release <version>`: freezes the migration and builds the package with checksums. */
import { join } from "node:path";
import { PROJECT_ROOT } from "../project.ts";
import { schemaDifference } from "./diff.ts";
import {
  migrationFile,
  migrationProblems,
  type SchemaFolders,
  schemaFolders,
  schemasHash,
  versionOf,
} from "./migration.ts";
import { addRelease, nextVersions, readReleases, sha256Of } from "./release.ts";

/** What a release needs. */
export interface ReleaseProject {
  folders: SchemaFolders;
  changelog: string;
  /** Paths that are not committed. */
  uncommitted(): Promise<string[]>;
  /** Folders with the programs of other Postgres versions to compare on. */
  bins: (string | undefined)[];
  /** Builds the tarball of the package into a folder, and returns its file name. */
  pack(target: string): Promise<string>;
  /** Where tarball, migration and checksums are put. */
  target: string;
}

/** Thrown for a release that must not be made, with what to do. */
export class ReleaseRejected extends Error {}

/**
 * Releases a version: from then on its migration is never edited. Writes the list of releases, the
 * tarball, the migration and SHA256SUMS. Throws ReleaseRejected before it writes anything.
 */
export async function release(project: ReleaseProject, version: string): Promise<void> {
  const { folders, target } = project;
  await admit(project, version);
  const migration = (await migrationFile(folders, version))!;
  const text = await Deno.readTextFile(join(folders.migrations, migration));
  const entry = { version, migration, sha256: await sha256Of(text) };
  const list = await Deno.readTextFile(folders.releases);
  await addRelease(folders, { ...entry, schemas: await schemasHash(folders) });
  try {
    await Deno.mkdir(target, { recursive: true });
    const tarball = await project.pack(target);
    await Deno.writeTextFile(join(target, migration), text);
    const sums = [tarball, migration].map(async (name) =>
      `${await sumOf(join(target, name))}  ${name}\n`
    );
    await Deno.writeTextFile(join(target, "SHA256SUMS"), (await Promise.all(sums)).join(""));
  } catch (error) {
    await Deno.writeTextFile(folders.releases, list);
    throw error;
  }
}

async function admit(project: ReleaseProject, version: string): Promise<void> {
  const { folders } = project;
  const uncommitted = await project.uncommitted();
  if (uncommitted.length > 0) {
    throw new ReleaseRejected(`commit or remove first: ${uncommitted.slice(0, 5).join(", ")}`);
  }
  const [present, last] = [await versionOf(folders), (await readReleases(folders)).at(-1)];
  const allowed = last ? nextVersions(last.version) : [present];
  if (!allowed.includes(version)) {
    throw new ReleaseRejected(`${version} is not next: it must be ${allowed.join(" or ")}`);
  }
  if (version !== present) {
    throw new ReleaseRejected(
      `the schema files are of ${present}: run deno task schema next ${version}, and read it`,
    );
  }
  const heading = new RegExp(`^## \\[${version.replaceAll(".", "\\.")}\\]`, "m");
  if (!heading.test(await Deno.readTextFile(project.changelog))) {
    throw new ReleaseRejected(`CHANGELOG.md must have a section ## [${version}]`);
  }
  const problems = await migrationProblems(folders);
  if (problems.length > 0) throw new ReleaseRejected(problems.join("\n"));
  for (const bin of project.bins) {
    const { sql, remaining } = await schemaDifference(folders, version, { bin });
    if (sql === "" && remaining.length === 0) continue;
    const lines = [sql, ...remaining].join("\n").slice(0, 2_000);
    throw new ReleaseRejected(`the migrations do not give the schema files:\n${lines}`);
  }
}

async function sumOf(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(digest).toHex();
}

async function output(command: string, args: string[], cwd = PROJECT_ROOT): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, cwd }).output();
  if (!success) throw new ReleaseRejected(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

const DEBIAN_15 = "/usr/lib/postgresql/15/bin";

/** Returns this repository as the project of a release. */
async function thisProject(version: string): Promise<ReleaseProject> {
  const has15 = await Deno.stat(DEBIAN_15).then(() => true, () => false);
  if (!has15) console.error("Debian's Postgres 15 is not installed: not compared there.");
  return {
    folders: schemaFolders(PROJECT_ROOT),
    changelog: join(PROJECT_ROOT, "CHANGELOG.md"),
    target: join(PROJECT_ROOT, ".jobforge", "releases", version),
    bins: has15 ? [undefined, DEBIAN_15] : [undefined],
    uncommitted: async () =>
      (await output("git", ["status", "--porcelain"])).split("\n").filter((line) => line !== ""),
    async pack(target) {
      const folder = join(target, "package");
      await output(Deno.execPath(), ["task", "--quiet", "pack", folder]);
      return (await output("npm", ["pack", "--silent", folder], target)).split("\n").at(-1)!;
    },
  };
}

if (import.meta.main) {
  const [version, ...rest] = Deno.args;
  if (!version || rest.length > 0) {
    console.error("deno task release <version>");
    Deno.exit(2);
  }
  const project = await thisProject(version);
  try {
    await release(project, version);
  } catch (error) {
    if (!(error instanceof ReleaseRejected)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
  console.log(`Released ${version} into ${project.target}. Commit local/schema/releases.json, then:
  git tag v${version}`);
}
