import assert from "node:assert/strict";
import { join } from "node:path";
import { PROJECT_ROOT } from "../project.ts";
import { VERSION } from "../../shared/core/version.ts";
import { edit, forgetReleases, withEdits } from "./edited_copy.ts";
import {
  migrationFile,
  migrationProblems,
  type SchemaFolders,
  schemaFolders,
  versionOf,
} from "./migration.ts";
import { nextVersions, readReleases } from "./release.ts";
import { release, type ReleaseProject, ReleaseRejected } from "./release_task.ts";
import { withRelease } from "./scratch.ts";
import { beginVersion, NotTheNext, writeUnreleased } from "./unreleased.ts";

const DEBIAN_15 = "/usr/lib/postgresql/15/bin";
const has15 = await Deno.stat(`${DEBIAN_15}/postgres`).then(() => true, () => false);
const [PATCH, MINOR, MAJOR] = nextVersions(VERSION);

/** What a later version may change. */
const COLUMN = {
  file: "99_rights.sql",
  find: /$/,
  replace: "\nalter table jobforge.settings add column extra int;\n" +
    "comment on column jobforge.settings.extra is 'More.';\n",
};
const LATER = { ...COLUMN, replace: COLUMN.replace.replaceAll("extra", "later") };

/** Runs `use` with a copy of this project before its first release. */
async function beforeRelease(
  use: (folders: SchemaFolders, project: ReleaseProject) => Promise<void>,
): Promise<void> {
  await withEdits([], async (folders) => {
    await forgetReleases(folders);
    const root = join(folders.schemas, "..", "..");
    const changelog = join(root, "CHANGELOG.md");
    await Deno.writeTextFile(changelog, `## [${MINOR}] - soon\n\n## [${VERSION}] - now\n`);
    await use(folders, {
      ...{ folders, changelog, target: join(root, "released") },
      bins: has15 ? [undefined, DEBIAN_15] : [undefined],
      uncommitted: () => Promise.resolve([]),
      async pack(target) {
        await Deno.writeTextFile(join(target, "package.tgz"), "built");
        return "package.tgz";
      },
    });
  });
}

async function textOf(folders: SchemaFolders, version: string): Promise<string> {
  const file = await migrationFile(folders, version);
  return await Deno.readTextFile(join(folders.migrations, file!));
}

Deno.test("a release, a change of the schema, and the next release", (t) =>
  beforeRelease(async (folders, project) => {
    await t.step("the first release freezes its migration", async () => {
      await release(project, VERSION);
      assert.deepEqual(await migrationProblems(folders), []);
      const sums = await Deno.readTextFile(join(project.target, "SHA256SUMS"));
      assert.match(sums, /^[0-9a-f]{64} {2}package\.tgz\n[0-9a-f]{64} {2}\d+_jobforge_.*\.sql\n$/);
      assert.equal((await writeUnreleased(folders)).path, undefined, "nothing changed");
    });

    await t.step("a changed schema begins the next minor version", async () => {
      const first = await textOf(folders, VERSION);
      await edit(folders, COLUMN);
      assert.match((await migrationProblems(folders)).join(), /run `deno task schema`/);
      assert.deepEqual((await writeUnreleased(folders)).remaining, []);
      assert.deepEqual(await migrationProblems(folders), []);
      assert.equal(await versionOf(folders), MINOR);
      assert.equal(await textOf(folders, VERSION), first);
      const text = await textOf(folders, MINOR!);
      assert.ok(text.startsWith(`-- JobForge ${MINOR}\n`));
      assert.match(
        text,
        /set lock_timeout = '1s';[^]*schema_version\(\) <> [^]*ADD COLUMN "extra"/,
      );
    });

    await t.step("what a person wrote into its migration stays", async () => {
      const file = join(folders.migrations, (await migrationFile(folders, MINOR!))!);
      const text = await Deno.readTextFile(file);
      const mine = "update jobforge.settings set max_runs = max_runs;\n";
      await Deno.writeTextFile(file, `${text}\n${mine}`);
      await edit(folders, LATER);
      assert.deepEqual((await writeUnreleased(folders)).remaining, []);
      const both = await Deno.readTextFile(file);
      assert.ok(both.includes(mine));
      assert.match(both, /ADD COLUMN "extra"[^]*ADD COLUMN "later"/);
      assert.equal(both.match(/ADD COLUMN "extra"/g)!.length, 1);
      assert.deepEqual(await migrationProblems(folders), []);
    });

    await t.step(
      "it serves the workers of the release before",
      () =>
        withRelease(folders, MINOR!, async ({ sql }) => {
          const [row] = await sql`
          select jobforge.schema_version() as schema, jobforge.oldest_worker() as oldest,
            jobforge.version_problem(${VERSION}) as problem`;
          assert.deepEqual({ ...row }, { schema: MINOR, oldest: VERSION, problem: null });
        }),
    );

    await t.step(
      "its migration rejects a database of another version",
      () =>
        withRelease(folders, MINOR!, async ({ sql }) => {
          const text = await textOf(folders, MINOR!);
          await assert.rejects(sql.unsafe(text), /must follow .*, and this database has /);
        }),
    );

    await t.step("the second release", async () => {
      await release(project, MINOR!);
      assert.deepEqual((await readReleases(folders)).map(({ version }) => version), [
        VERSION,
        MINOR,
      ]);
      assert.deepEqual(await migrationProblems(folders), []);
    });

    await t.step("a released migration that changes is found", async () => {
      const name = await migrationFile(folders, VERSION);
      const file = join(folders.migrations, name!);
      await Deno.writeTextFile(file, `${await Deno.readTextFile(file)}-- Edited.\n`);
      assert.deepEqual(await migrationProblems(folders), [
        `${name} was released as ${VERSION} and changed since: restore it`,
      ]);
      await Deno.remove(file);
      assert.match((await migrationProblems(folders)).join(), /is missing/);
    });
  }));

Deno.test("a release that must not be made is rejected, and nothing is written", (t) =>
  beforeRelease(async (folders, project) => {
    const rejects = async (change: Partial<ReleaseProject>, version: string, reason: RegExp) => {
      await assert.rejects(release({ ...project, ...change }, version), (error: Error) => {
        assert.ok(error instanceof ReleaseRejected);
        assert.match(error.message, reason);
        return true;
      });
      assert.deepEqual(await readReleases(folders), []);
      await assert.rejects(Deno.stat(project.target), Deno.errors.NotFound);
    };
    await t.step(
      "uncommitted files",
      () =>
        rejects({ uncommitted: () => Promise.resolve([" M a.sql"]) }, VERSION, /commit .*a\.sql/),
    );
    await t.step("another version", () => rejects({}, MINOR!, /is not next/));
    await t.step("no section of the changelog", async () => {
      await Deno.writeTextFile(project.changelog, "## [Unreleased]\n");
      await rejects({}, VERSION, /must have a section/);
      await Deno.writeTextFile(project.changelog, `## [${VERSION}]\n`);
    });
    await t.step("a migration that is not what the schema files give", async () => {
      await edit(folders, COLUMN);
      await rejects({}, VERSION, /run `deno task schema`/);
    });
  }));

Deno.test("a patch, a minor or a major version follows, and no other", () =>
  beforeRelease(async (folders, project) => {
    await release({ ...project, bins: [] }, VERSION);
    for (const version of [VERSION, "0.0.1", nextVersions(MINOR!)[0]]) {
      await assert.rejects(beginVersion(folders, version), NotTheNext);
    }
    for (const [version, oldest] of [[PATCH, VERSION], [MAJOR, VERSION], [MINOR, VERSION]]) {
      await beginVersion(folders, version!);
      const sql = await Deno.readTextFile(
        join(folders.schemas, "10_foundation", "schema_version.sql"),
      );
      assert.equal(await versionOf(folders), version);
      assert.deepEqual(sql.match(/select '[\d.]+'/g), [
        `select '${version}'`,
        `select '${oldest}'`,
      ]);
    }
  }));

Deno.test("code, schema and package have one version", async () => {
  const folders = schemaFolders(PROJECT_ROOT);
  const sql = await Deno.readTextFile(join(folders.schemas, "10_foundation/schema_version.sql"));
  assert.equal(await versionOf(folders), VERSION);
  assert.ok(sql.includes(`select '${VERSION}'`));
  const last = (await readReleases(folders)).at(-1)?.version;
  assert.ok(last === undefined || last === VERSION || nextVersions(last).includes(VERSION));
});
