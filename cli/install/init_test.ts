import assert from "node:assert/strict";
import { parse } from "smol-toml";
import { CONFIG, type FakeProject, inProject } from "./fake_project.ts";

const FRESH = { "supabase/config.toml": CONFIG };
const MIGRATION = /^supabase\/migrations\/(\d{14})_jobforge_\d+_\d+_\d+\.sql$/;
const RUNTIME = "supabase/functions/_jobforge/";

async function init(project: FakeProject, ...args: string[]) {
  const ran = await project.cli("init", "--yes", ...args);
  assert.equal(ran.code, 0, ran.err);
  return ran;
}

Deno.test("a record with marks of a merge is refused, and nothing is written", () =>
  inProject({ "supabase/config.toml": CONFIG }, async (project) => {
    await project.cli("init", "--yes");
    await project.write(`${RUNTIME}installed.json`, "<<<<<<< HEAD\n{}\n");
    const before = await project.tree();
    for (const command of ["init", "uninstall", "upgrade"]) {
      const { code, err } = await project.cli(command, "--yes");
      assert.deepEqual([code, /installed\.json cannot be read/.test(err)], [1, true], err);
    }
    assert.deepEqual(await project.tree(), before);
  }));

Deno.test("init writes what its page lists, and nothing else", () =>
  inProject(FRESH, async (project) => {
    await init(project);
    const paths = Object.keys(await project.tree());
    const rest = paths.filter((path) => !path.startsWith(RUNTIME) && !MIGRATION.test(path));
    assert.deepEqual(rest.sort(), [
      "supabase/config.toml",
      "supabase/config.toml.before-jobforge",
      ...["enqueue", "webhooks", "worker"].flatMap((kind) => [
        `supabase/functions/jobforge-${kind}/deno.json`,
        `supabase/functions/jobforge-${kind}/index.ts`,
      ]),
      "supabase/jobs/definitions.ts",
      "supabase/jobs/handlers.ts",
    ]);
    assert.equal(paths.filter((path) => MIGRATION.test(path)).length, 1);
    assert.ok(paths.includes(`${RUNTIME}edge.js`) && paths.includes(`${RUNTIME}edge.d.ts`));
  }));

Deno.test("config.toml keeps every byte, and gets three sections", () =>
  inProject(FRESH, async (project) => {
    await init(project);
    const text = await project.read("supabase/config.toml");
    assert.ok(text.startsWith(CONFIG));
    assert.equal(await project.read("supabase/config.toml.before-jobforge"), CONFIG);
    const { functions } = parse(text) as { functions: Record<string, unknown> };
    const sections = ["worker", "enqueue", "webhooks"].map((kind) => [`jobforge-${kind}`, {
      verify_jwt: false,
      import_map: `./functions/jobforge-${kind}/deno.json`,
    }]);
    assert.deepEqual(JSON.parse(JSON.stringify(functions)), Object.fromEntries(sections));
  }));

Deno.test("a second init changes nothing", () =>
  inProject({ ...FRESH, "tsconfig.json": "{}\n" }, async (project) => {
    await init(project);
    const before = await project.tree();
    assert.match((await init(project)).out, /Nothing to change/);
    assert.deepEqual(await project.tree(), before);
  }));

Deno.test("--dry-run shows the changes and writes nothing", () =>
  inProject(FRESH, async (project) => {
    const before = await project.tree();
    const { code, out } = await project.cli("init", "--dry-run");
    assert.equal(code, 0);
    for (const part of ["+ supabase/jobs/handlers.ts", "+[functions.jobforge-worker]"]) {
      assert.ok(out.includes(part), `${part} in ${out}`);
    }
    assert.deepEqual(await project.tree(), before);
  }));

Deno.test("init asks, and writes nothing without a yes", () =>
  inProject(FRESH, async (project) => {
    const before = await project.tree();
    const silent = await project.cli("init");
    assert.deepEqual([silent.code, /--yes/.test(silent.err)], [2, true]);
    const no = await project.answer("n", "init");
    assert.deepEqual([no.code, /Nothing was changed/.test(no.out)], [0, true]);
    assert.deepEqual(await project.tree(), before);
    assert.equal((await project.answer("y", "init")).code, 0);
    assert.ok("supabase/jobs/handlers.ts" in await project.tree());
  }));

for (
  const [newest, expected] of [
    ["20200101000000", undefined],
    ["20990228235959", "20990301000000"],
    ["21000000000000", "21000000000001"],
  ] as const
) {
  Deno.test(`the migration comes after the team's ${newest}`, () =>
    inProject({
      ...FRESH,
      "supabase/migrations/20190101000000_first.sql": "select 1;\n",
      [`supabase/migrations/${newest}_team.sql`]: "select 1;\n",
    }, async (project) => {
      await init(project);
      const found = Object.keys(await project.tree()).map((path) => MIGRATION.exec(path)?.[1]);
      const [stamp] = found.filter((each) => each !== undefined);
      assert.ok(Number(stamp) > Number(newest), stamp);
      if (expected) assert.equal(stamp, expected);
    }));
}

Deno.test("a migration that was renamed is known by its first line", () =>
  inProject(FRESH, async (project) => {
    await init(project);
    const path = Object.keys(await project.tree()).find((each) => MIGRATION.test(each))!;
    await project.write("supabase/migrations/20300101000000_other.sql", await project.read(path));
    await Deno.remove(`${project.root}/${path}`);
    await init(project);
    assert.ok(!Object.keys(await project.tree()).some((each) => MIGRATION.test(each)));
  }));

Deno.test("files that the team changed stay as they are", () =>
  inProject(FRESH, async (project) => {
    await init(project);
    const changed = ["supabase/functions/jobforge-worker/index.ts", "supabase/jobs/handlers.ts"];
    for (const path of changed) await project.write(path, "// ours\n");
    await init(project);
    for (const path of changed) assert.equal(await project.read(path), "// ours\n");
  }));

Deno.test("a runtime that was changed by hand stays, with the new one beside it", () =>
  inProject(FRESH, async (project) => {
    await init(project);
    const path = `${RUNTIME}client.js`;
    const shipped = await project.read(path);
    // As if another build had written it: the record has another hash than this build.
    const record = JSON.parse(await project.read(`${RUNTIME}installed.json`));
    record.files[path] = "0".repeat(64);
    await project.write(`${RUNTIME}installed.json`, JSON.stringify(record));
    await project.write(path, "// ours\n");
    const { out } = await init(project);
    assert.ok(out.includes(`${path}.new`), out);
    assert.equal(await project.read(path), "// ours\n");
    assert.equal(await project.read(`${path}.new`), shipped);
  }));

Deno.test("a function of the team with the same name is refused before anything is written", () =>
  inProject({
    ...FRESH,
    "supabase/functions/worker/index.ts": "// the team's\n",
  }, async (project) => {
    const before = await project.tree();
    const { code, err } = await project.cli("init", "--yes", "--prefix", "");
    assert.deepEqual([code, /--prefix/.test(err)], [1, true], err);
    assert.deepEqual(await project.tree(), before);
    await init(project, "--prefix", "bg-");
    const tree = await project.tree();
    assert.equal(tree["supabase/functions/worker/index.ts"], "// the team's\n");
    assert.ok("supabase/functions/bg-worker/index.ts" in tree);
    const sql = Object.entries(tree).find(([path]) => MIGRATION.test(path))![1];
    assert.match(sql, /worker_function = 'bg-worker'/);
  }));

const REFUSED: [string, string, string][] = [
  ["no TOML", "project_id = \n", "valid TOML"],
  ["functions in one line", "functions = { other = { verify_jwt = true } }\n", "by hand"],
  [
    "a section that keeps callers out",
    "[functions.jobforge-worker]\nverify_jwt = true\n",
    "verify_",
  ],
];

for (const [what, config, message] of REFUSED) {
  Deno.test(`a config.toml with ${what} is refused, and nothing is written`, () =>
    inProject({ "supabase/config.toml": config }, async (project) => {
      const before = await project.tree();
      const { code, err } = await project.cli("init", "--yes");
      assert.deepEqual([code, err.includes(message)], [1, true], err);
      assert.deepEqual(await project.tree(), before);
    }));
}

Deno.test("a config.toml of Windows keeps its line ends", () =>
  inProject({ "supabase/config.toml": CONFIG.replaceAll("\n", "\r\n") }, async (project) => {
    await init(project);
    const text = await project.read("supabase/config.toml");
    assert.doesNotMatch(text, /[^\r]\n/);
    assert.ok("functions" in parse(text));
  }));

Deno.test("the project is found from below, from above and in a monorepo", () =>
  inProject({
    ".git/HEAD": "",
    "packages/db/supabase/config.toml": CONFIG,
    "packages/db/deep/er/x": "",
    "node_modules/other/supabase/config.toml": CONFIG,
  }, async (project) => {
    for (const folder of [".", "packages", "packages/db/deep/er", "packages/db/supabase"]) {
      const { code, out, err } = await project.cli("init", "--dry-run", folder);
      assert.deepEqual([code, out.includes("supabase/jobs/definitions.ts")], [0, true], err);
    }
    await project.write("apps/web/supabase/config.toml", CONFIG);
    const several = await project.cli("init", "--dry-run");
    assert.equal(several.code, 2);
    assert.match(several.err, /apps\/web, packages\/db/);
  }));

Deno.test("without a project the error names what to run", () =>
  inProject({ ".git/HEAD": "" }, async (project) => {
    const { code, err } = await project.cli("init", "--yes");
    assert.deepEqual([code, /supabase init/.test(err)], [2, true], err);
  }));

Deno.test("the app's compiler leaves the files for Deno out, and its comments stay", () =>
  inProject({
    ...FRESH,
    "tsconfig.json": `{
  // ours
  "include": ["next-env.d.ts", "**/*.ts"],
  "exclude": ["node_modules"] // theirs
}
`,
  }, async (project) => {
    await init(project);
    const text = await project.read("tsconfig.json");
    assert.match(text, /\/\/ ours/);
    assert.match(text, /\/\/ theirs/);
    assert.match(
      text.replaceAll(/\s/g, ""),
      /"node_modules","supabase\/functions","supabase\/jobs\/h/,
    );
  }));

Deno.test("a tsconfig.json that does not reach the files stays as it is", () =>
  inProject({ ...FRESH, "tsconfig.json": '{"include": ["src"]}' }, async (project) => {
    await init(project);
    assert.equal(await project.read("tsconfig.json"), '{"include": ["src"]}');
  }));

Deno.test("the functions get the app's version of zod", () =>
  inProject({
    ...FRESH,
    "package.json": '{"dependencies": {"zod": "^3.25.76"}}',
  }, async (project) => {
    await init(project);
    const text = await project.read("supabase/functions/jobforge-worker/deno.json");
    assert.deepEqual(JSON.parse(text), { imports: { zod: "npm:zod@^3.25.76" } });
  }));

Deno.test("init names what is left to do with declarative schemas", () =>
  inProject({
    "supabase/config.toml": `${CONFIG}\n[db.migrations]\nschema_paths = ["./schemas/app.sql"]\n`,
    "supabase/schemas/app.sql": "create table app (id int primary key);\n",
  }, async (project) => {
    assert.match((await project.cli("init", "--dry-run")).out, /! .*pass --schemas/);
    assert.match((await init(project, "--schemas")).out, /! add \.\/schemas\/jobforge\.sql to/);
  }));

Deno.test("--schemas writes the schema for declarative teams, and it is the migration", () =>
  inProject(FRESH, async (project) => {
    await init(project, "--schemas");
    const tree = await project.tree();
    const migration = Object.keys(tree).find((path) => MIGRATION.test(path))!;
    assert.equal(tree["supabase/schemas/jobforge.sql"], tree[migration]);
  }));

Deno.test("job files that the team moved away are not written again", () =>
  inProject(FRESH, async (project) => {
    await init(project);
    await Deno.remove(`${project.root}/supabase/jobs/handlers.ts`);
    await init(project);
    assert.ok(!("supabase/jobs/handlers.ts" in await project.tree()));
  }));

Deno.test("an error while files are written leaves the project as it was", () =>
  inProject({
    ...FRESH,
    [`${RUNTIME}installed.json.jobforge-partial/taken`]: "",
  }, async (project) => {
    const before = await project.tree();
    const { code, err } = await project.cli("init", "--yes");
    assert.deepEqual([code, /installed\.json/.test(err)], [1, true], err);
    assert.deepEqual(await project.tree(), before);
    await assert.rejects(Deno.stat(`${project.root}/supabase/jobs`));
  }));
