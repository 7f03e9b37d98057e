import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { StackError } from "../errors.ts";
import { readUserProject, type UserProject } from "./user_project.ts";

async function read(files: Record<string, string>): Promise<UserProject> {
  const root = await Deno.makeTempDir({ prefix: "jobforge-user-" });
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      await Deno.writeTextFile(join(root, path), text);
    }
    return JSON.parse(JSON.stringify(await readUserProject(root)).replaceAll(`${root}/`, ""));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const FUNCTIONS = {
  "supabase/functions/a/index.ts": "",
  "supabase/functions/b/index.ts": "",
  "supabase/functions/_shared/index.ts": "",
  "supabase/functions/c/main.ts": "",
};

Deno.test("without sections, a project has every function, its migrations and seed.sql", async () => {
  const project = await read({
    ...FUNCTIONS,
    "supabase/config.toml": 'project_id = "app"',
    "supabase/seed.sql": "",
    // A deploy does not read it.
    "deno.json": "{}",
  });
  assert.deepEqual(project.functions, ["a", "b"]);
  assert.equal(project.files.config, undefined);
  assert.equal(project.files.migrations, "supabase/migrations");
  assert.deepEqual(project.files.seed, ["supabase/seed.sql"]);
});

Deno.test("config.toml turns functions off, names entry points and import maps", async () => {
  const project = await read({
    ...FUNCTIONS,
    "supabase/config.toml": `
[functions.a]
enabled = false
[functions.b]
import_map = "./functions/b/map.json"
[functions.c]
entrypoint = "./functions/c/main.ts"
`,
    "supabase/functions/import_map.json": "{}",
  });
  assert.deepEqual(project.functions, ["b", "c"]);
  assert.equal(project.functionOptions.b?.config, "supabase/functions/b/map.json");
  assert.equal(project.functionOptions.c?.entrypoint, "supabase/functions/c/main.ts");
  assert.equal(project.files.config, "supabase/functions/import_map.json");
});

Deno.test("seeds are what config.toml names, in order, each once, or none", async () => {
  const seeds = { "supabase/seeds/b.sql": "", "supabase/seeds/a.sql": "", "supabase/last.sql": "" };
  const paths = 'sql_paths = ["./last.sql", "seeds/*.sql", "./seeds/a.sql"]';
  const named = await read({ ...seeds, "supabase/config.toml": `[db.seed]\n${paths}` });
  assert.deepEqual(named.files.seed, [
    ...["supabase/last.sql", "supabase/seeds/a.sql", "supabase/seeds/b.sql"],
  ]);
  const off = await read({
    ...seeds,
    "supabase/config.toml": `[db.seed]\nenabled = false\n${paths}`,
  });
  assert.deepEqual(off.files.seed, []);
});

Deno.test("migrations that config.toml turns off do not run", async () => {
  const { files } = await read({ "supabase/config.toml": "[db.migrations]\nenabled = false" });
  assert.notEqual(files.migrations, "supabase/migrations");
});

Deno.test("a config.toml that is not TOML is named with the problem", async () => {
  await assert.rejects(read({ "supabase/config.toml": "[db" }), (error: StackError) => {
    assert.equal(error.code, "CONFIG_INVALID");
    assert.match(error.message, /config\.toml is invalid/);
    return true;
  });
});
