import assert from "node:assert/strict";
import { join } from "node:path";
import { connect } from "../../local/postgres/database.ts";
import { migrate } from "../../local/postgres/migrate.ts";
import { startStack } from "../../local/stack/stack.ts";
import { withDatabase } from "../../local/test/test_database.ts";
import { NEXT, type NextRelease, withNextRelease } from "../../local/schema/next_release.ts";
import { nextVersions } from "../../local/schema/release.ts";
import { VERSION } from "../../shared/core/version.ts";
import { CONFIG, type FakeProject, inProject } from "./fake_project.ts";
import { laterPackage } from "./fake_releases.ts";

const PROJECT = {
  "supabase/config.toml": CONFIG,
  "supabase/migrations/20990101000000_team.sql": "create table public.later (id int primary key);",
};
const COLUMN = {
  file: "99_rights.sql",
  find: /$/,
  replace: "\nalter table jobforge.settings add column extra int;\n" +
    "comment on column jobforge.settings.extra is 'More.';\n",
};
const CHANGELOG = `# Changelog

## [${NEXT}] - 2026-12-01

### Breaking

- You pass \`a\` in place
  of \`b\`.

### Added

- You get c.
`;
const AFTER_NEXT = nextVersions(NEXT)[1];
const LATER_PATCH = nextVersions(NEXT)[0];

/** Runs `use` in a project with this version, and the next release at hand. */
function installed(use: (project: FakeProject, next: NextRelease) => Promise<void>) {
  return withNextRelease([COLUMN], (next) =>
    inProject(PROJECT, async (project) => {
      assert.equal((await project.cli("init", "--yes", "--schemas")).code, 0);
      await use(project, next);
    }));
}

/** Runs `use` with the package of the last of some versions. */
async function withPackage(
  project: FakeProject,
  next: NextRelease,
  versions: string[],
  use: () => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "jobforge-package-" });
  try {
    await laterPackage(folder, versions, next, CHANGELOG);
    project.useKit(folder);
    await use();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("upgrade writes one migration after the team's and the new runtime", () =>
  installed((project, next) =>
    withPackage(project, next, [VERSION, NEXT], async () => {
      const sources = { migrations: join(project.root, "supabase/migrations") };
      await withDatabase(async ({ sql, url }) => {
        const before = await project.tree();
        const dry = await project.cli("upgrade", "--dry-run");
        assert.equal(dry.code, 0, dry.err);
        assert.ok(dry.out.includes(`From JobForge ${VERSION} to ${NEXT}`), dry.out);
        assert.match(dry.out, /! \S+ breaks: You pass `a` in place of `b`\.$/m);
        assert.doesNotMatch(dry.out, /You get c/);
        assert.deepEqual(await project.tree(), before);
        assert.equal((await project.cli("upgrade")).code, 2, "it must be confirmed");

        assert.equal((await project.cli("upgrade", "--yes")).code, 0);
        const after = await project.tree();
        const added = Object.keys(after).filter((path) => !(path in before));
        assert.equal(added.length, 1, added.join());
        assert.ok(added[0]! > "supabase/migrations/20990101000000", added[0]);
        assert.ok(after[added[0]!]!.startsWith(`-- JobForge ${NEXT}\n`));
        assert.match(after["supabase/functions/_jobforge/index.js"]!, new RegExp(`// ${NEXT}\n`));
        assert.match(after["supabase/schemas/jobforge.sql"]!, /add column extra/);

        assert.equal((await migrate(url, sources)).length, 1);
        const [row] = await sql`select jobforge.schema_version() as version, extra, worker_function
          from jobforge.settings`;
        assert.deepEqual({ ...row }, {
          ...{ version: NEXT, extra: null, worker_function: "jobforge-worker" },
        });
        for (const command of ["upgrade", "init"]) {
          const again = await project.cli(command, "--yes");
          assert.match(again.out, /Nothing to change/, again.err);
        }
        assert.deepEqual(await project.tree(), after);
      }, { sources });
    })
  ));

Deno.test("a downgrade, an unknown version and a step over a minor version are refused", () =>
  installed(async (project, next) => {
    const before = await project.tree();
    const refusals: [versions: string[], reason: RegExp][] = [
      [["0.1.0"], /there is no way back/],
      [["0.1.0", NEXT], /does not know/],
      [[VERSION, NEXT, LATER_PATCH, AFTER_NEXT], new RegExp(`upgrade to ${LATER_PATCH} first`)],
    ];
    for (const [versions, reason] of refusals) {
      await withPackage(project, next, versions, async () => {
        const { code, err } = await project.cli("upgrade", "--yes");
        assert.equal(code, 1);
        assert.match(err, reason);
      });
    }
    assert.deepEqual(await project.tree(), before);
  }));

Deno.test("a project without JobForge is refused", () =>
  inProject(PROJECT, async (project) => {
    const { code, err } = await project.cli("upgrade", "--yes");
    assert.deepEqual([code, /not installed in .*: run init/.test(err)], [1, true], err);
  }));

Deno.test("each environment is asked for its version, and one that does not fit is refused", () =>
  installed((project, next) =>
    withPackage(project, next, [VERSION, NEXT], async () => {
      const stack = await startStack({ functions: [] });
      try {
        const env = `SUPABASE_URL=${stack.url}\nSUPABASE_SECRET_KEY=${stack.secretKey}\n`;
        await project.write(".env.staging", env);
        await project.write(".env.lost", env.replace(stack.url, "http://127.0.0.1:9"));
        await project.write(".env.half", `SUPABASE_URL=${stack.url}\n`);
        const ask = (...files: string[]) =>
          project.cli("upgrade", "--dry-run", ...files.flatMap((file) => ["--env-file", file]));
        const fit = await ask(".env.staging");
        assert.ok(fit.out.includes(`${stack.url} has JobForge ${VERSION}`), fit.out + fit.err);
        assert.equal((await ask(".env.staging", ".env.lost")).code, 3);
        const half = await ask(".env.half");
        assert.deepEqual([half.code, /half: set SUPABASE_URL/.test(half.err)], [2, true], half.err);
        await withOtherVersion(stack.dbUrl, "0.1.0");
        const older = await ask(".env.staging");
        assert.deepEqual([older.code, /push and deploy/.test(older.err)], [1, true], older.err);
        await withOtherVersion(stack.dbUrl, "99.0.0");
        assert.match((await ask(".env.staging")).err, /is not on the way/);
      } finally {
        await stack.stop();
      }
    })
  ));

Deno.test("environments may be at different steps of the way", () =>
  installed((project, next) =>
    withPackage(project, next, [VERSION, NEXT], async () => {
      const servers = [VERSION, NEXT, undefined].map(startEnvironment);
      try {
        const urls = servers.map(({ addr }) => `http://127.0.0.1:${addr.port}`);
        const options: string[] = [];
        for (const [index, url] of urls.entries()) {
          const env = `SUPABASE_URL=${url}\nSUPABASE_SECRET_KEY=sb_secret_${index}\n`;
          await project.write(`.env.${index}`, env);
          options.push("--env-file", `.env.${index}`);
        }
        const { code, out, err } = await project.cli("upgrade", "--yes", ...options);
        assert.equal(code, 0, err);
        const found = [`JobForge ${VERSION}`, `JobForge ${NEXT}`, "no JobForge"];
        for (const [index, each] of found.entries()) {
          assert.ok(out.includes(`${urls[index]} has ${each}\n`), out);
        }
        assert.match(out, /Repeat this for each environment, in this order/);
      } finally {
        for (const server of servers) await server.shutdown();
      }
    })
  ));

/** An environment that answers the question for its version alone. */
function startEnvironment(version: string | undefined, index: number) {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    assert.equal(request.headers.get("apikey"), `sb_secret_${index}`);
    return version ? Response.json(version) : new Response("{}", { status: 404 });
  });
}

async function withOtherVersion(url: string, version: string): Promise<void> {
  const sql = connect(url);
  await sql.unsafe(`create or replace function jobforge.schema_version() returns text
    language sql stable set search_path = pg_catalog, pg_temp as $$ select '${version}' $$`);
  await sql.end();
}
