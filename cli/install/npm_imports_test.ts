import assert from "node:assert/strict";
import { CONFIG, inProject } from "./fake_project.ts";

Deno.test("--npm writes imports of the package, keeps to it, and vendors nothing", () =>
  inProject({ "supabase/config.toml": CONFIG }, async ({ cli, read, tree }) => {
    assert.equal((await cli("init", "--npm", "--yes")).code, 0);
    const { version } = JSON.parse(await read("supabase/functions/_jobforge/installed.json"));
    const { imports } = JSON.parse(await read("supabase/functions/jobforge-worker/deno.json"));
    assert.equal(imports.jobforge, `npm:jobforge@${version}`);
    assert.equal(imports["jobforge/edge"], `npm:jobforge@${version}/edge`);
    assert.match(
      await read("supabase/functions/jobforge-worker/index.ts"),
      /from "jobforge\/edge"/,
    );
    assert.match(await read("supabase/jobs/handlers.ts"), /from "jobforge"/);
    const files = Object.entries(await tree());
    assert.deepEqual(files.filter(([, text]) => /_jobforge\/\w+\.js/.test(text)), []);
    assert.match((await cli("init", "--yes")).out, /Nothing to change/);
    assert.equal((await cli("uninstall", "--never-pushed", "--yes")).code, 0);
    assert.equal((await cli("init", "--yes")).code, 0);
    const { code, err } = await cli("init", "--npm", "--yes");
    assert.equal(code, 1);
    assert.match(err, /has the vendored runtime: run uninstall first/);
  }));
