import assert from "node:assert/strict";
import { migrationName } from "../../local/schema/release.ts";
import { VERSION } from "../../shared/core/version.ts";
import { CONFIG, type FakeProject, inProject } from "./fake_project.ts";

const PROJECT = {
  "supabase/config.toml": CONFIG,
  "supabase/functions/other/index.ts": "// the team's\n",
  "supabase/migrations/20200101000000_team.sql": "select 1;\n",
  "tsconfig.json": '{\n  // ours\n  "exclude": ["node_modules"]\n}\n',
};

async function run(project: FakeProject, ...args: string[]) {
  const ran = await project.cli(...args);
  assert.equal(ran.code, 0, ran.err);
  return ran;
}

Deno.test("uninstall of what was never pushed leaves the project as it was", () =>
  inProject(PROJECT, async (project) => {
    const before = await project.tree();
    await run(project, "init", "--yes", "--schemas");
    await run(project, "uninstall", "--yes", "--never-pushed");
    assert.deepEqual(await project.tree(), before);
    const folders = await Array.fromAsync(Deno.readDir(`${project.root}/supabase/functions`));
    assert.deepEqual(folders.map(({ name }) => name), ["other"]);
  }));

Deno.test("otherwise the migration stays, and one that removes the schema comes after it", () =>
  inProject(PROJECT, async (project) => {
    const before = await project.tree();
    await run(project, "init", "--yes");
    const { out } = await run(project, "uninstall", "--yes");
    const added = Object.keys(await project.tree()).filter((path) => !(path in before)).sort();
    assert.deepEqual(
      added.map((path) => path.replace(/\d{14}/, "…").replace(/\d+_\d+_\d+/, "x_y_z")),
      [
        "supabase/migrations/…_jobforge_x_y_z.sql",
        "supabase/migrations/…_jobforge_uninstall.sql",
      ],
    );
    assert.ok(added[0]! < added[1]!);
    assert.match(out, /supabase functions delete jobforge-worker/);
  }));

Deno.test("init after an uninstallation installs again, by a migration after it", () =>
  inProject(PROJECT, async (project) => {
    await run(project, "init", "--yes");
    await run(project, "uninstall", "--yes");
    await run(project, "init", "--yes");
    const paths = Object.keys(await project.tree()).filter((path) => path.includes("_jobforge_"));
    const installed = `…_${migrationName(VERSION)}.sql`;
    assert.deepEqual(
      paths.sort().map((path) => path.replace(/.*\d{14}/, "…")),
      [installed, "…_jobforge_uninstall.sql", installed],
    );
    assert.match((await run(project, "init", "--yes")).out, /Nothing to change/);
  }));

Deno.test("uninstall keeps what the team changed since", () =>
  inProject(PROJECT, async (project) => {
    await run(project, "init", "--yes");
    const config = await project.read("supabase/config.toml");
    await project.write(
      "supabase/config.toml",
      `${config}\n[functions.other]\nverify_jwt = true\n`,
    );
    await project.write("supabase/jobs/handlers.ts", "// ours\n");
    await project.write("tsconfig.json", "{}\n");
    const { out } = await run(project, "uninstall", "--yes", "--never-pushed");
    const tree = await project.tree();
    assert.equal(
      tree["supabase/config.toml"],
      `${CONFIG}\n[functions.other]\nverify_jwt = true\n`,
    );
    assert.equal(tree["supabase/jobs/handlers.ts"], "// ours\n");
    assert.equal(tree["tsconfig.json"], "{}\n");
    for (const path of ["supabase/jobs/handlers.ts", "tsconfig.json"]) {
      assert.ok(out.includes(`! ${path} was changed`), out);
    }
    assert.ok(!("supabase/jobs/definitions.ts" in tree));
  }));

Deno.test("uninstall asks, and --dry-run writes nothing", () =>
  inProject(PROJECT, async (project) => {
    await run(project, "init", "--yes");
    const before = await project.tree();
    assert.equal((await project.cli("uninstall")).code, 2);
    await run(project, "uninstall", "--dry-run");
    assert.match((await project.answer("no", "uninstall")).out, /Nothing was changed/);
    assert.deepEqual(await project.tree(), before);
  }));

Deno.test("uninstall without init is refused", () =>
  inProject(PROJECT, async (project) => {
    const { code, err } = await project.cli("uninstall", "--yes");
    assert.deepEqual([code, /not installed/.test(err)], [1, true], err);
  }));
