import assert from "node:assert/strict";
import { join } from "node:path";
import { CONFIG, inProject } from "../../cli/install/fake_project.ts";
import { connect } from "../../local/postgres/database.ts";
import { projectFiles } from "../../local/project.ts";
import { startStack } from "../../local/stack/stack.ts";
import { mustRun, packInto } from "./install.ts";
import { withRegistry } from "./registry.ts";

const TENANT = "11111111-1111-4111-8111-111111111111";
const SLUGS = ["jobforge-enqueue", "jobforge-webhooks", "jobforge-worker"];

Deno.test("init --npm: the functions take the runtime from a registry", async () => {
  await inProject({ "supabase/config.toml": CONFIG }, async ({ root, cli, tree }) => {
    const { code, out, err } = await cli("init", "--npm", "--yes");
    assert.equal(code, 0, err);
    assert.match(out, /run npm install jobforge@\d/);
    const vendored = Object.keys(await tree()).filter((path) => path.includes("_jobforge/"));
    assert.deepEqual(vendored, ["supabase/functions/_jobforge/installed.json"]);
    const zod = (await mustRun(root, ["npm", "pack", "--silent", "zod@4.6.7"])).trim();
    const tarballs = [await packInto(root), join(root, zod)];
    await withRegistry(tarballs, async ({ url, requests }) => {
      // A cache of its own: the registry must be asked.
      const env = { NPM_CONFIG_REGISTRY: url, DENO_DIR: join(root, "deno") };
      const stack = await startStack({
        files: projectFiles(root),
        functionOptions: Object.fromEntries(SLUGS.map((slug) => [slug, { env }])),
      });
      const sql = connect(stack.dbUrl);
      try {
        await stack.startFunctions();
        assert.ok(requests.some((path) => path.startsWith("/jobforge/-/")), String(requests));
        const [job] = await sql`
          select job_id from jobforge_enqueue_job(${TENANT}, 'hello.say', '{"name":"Ada"}')`;
        for (let look = 0; look < 200; look++) {
          const [row] = await sql`
            select result from jobforge_job_results where job_id = ${job!.job_id}`;
          if (row) return assert.deepEqual(row.result, { greeting: "Hello, Ada!" });
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        assert.fail(stack.logs("jobforge-worker").join("\n"));
      } finally {
        await sql.end();
        await stack.stop();
      }
    });
  });
});
