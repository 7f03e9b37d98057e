import assert from "node:assert/strict";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { connect } from "../../local/postgres/database.ts";
import { migrate } from "../../local/postgres/migrate.ts";
import { startStack } from "../../local/stack/stack.ts";
import { ACME, runLine } from "../fake_terminal.ts";
import { type FakeProject, inProject } from "./fake_project.ts";

/** The folder of Supabase's compose file, as far as functions and the database concern it. */
const COMPOSE = {
  "docker-compose.yml": `name: supabase
services:
  functions:
    container_name: supabase-edge-functions
    volumes:
      - ./volumes/functions:/home/deno/functions:Z
    environment:
      SUPABASE_URL: http://kong:8000
      VERIFY_JWT: "\${FUNCTIONS_VERIFY_JWT}"
    command: ["start", "--main-service", "/home/deno/functions/main"]
`,
  ".env": "FUNCTIONS_VERIFY_JWT=false\n",
  "volumes/api/kong.yml": "_format_version: '2.1'\n",
  "volumes/db/roles.sql": "-- roles\n",
  "volumes/functions/hello/index.ts": 'Deno.serve(() => new Response("hello"));\n',
  "volumes/functions/main/index.ts": "// passes requests on\n",
};
const MIGRATION = /^volumes\/db\/migrations\/\d{14}_jobforge_\d+_\d+_\d+\.sql$/;

async function run(project: FakeProject, ...args: string[]): Promise<string> {
  const { code, out, err } = await project.cli(...args);
  assert.equal(code, 0, err);
  return out;
}

Deno.test("init in a compose folder writes below volumes alone, and says what to type", () =>
  inProject(COMPOSE, async (project) => {
    const before = await project.tree();
    const out = await run(project, "init", "--yes");
    const after = await project.tree();
    for (const [path, text] of Object.entries(before)) assert.equal(after[path], text, path);
    const added = Object.keys(after).filter((path) => !(path in before));
    const migration = added.find((path) => MIGRATION.test(path))!;
    const rest = added.filter((path) => path !== migration && !path.includes("/_jobforge/"));
    assert.deepEqual(rest.sort(), [
      ...["definitions", "handlers"].map((name) => `volumes/functions/_jobs/${name}.ts`),
      ...["enqueue", "webhooks", "worker"].flatMap((kind) => [
        `volumes/functions/jobforge-${kind}/deno.json`,
        `volumes/functions/jobforge-${kind}/index.ts`,
      ]),
    ]);
    // Functions of this edition see nothing outside of their folder.
    for (const path of rest) assert.doesNotMatch(after[path]!, /"\.\.\/\.\.\//, path);
    for (
      const line of [
        `cd ${project.root}`,
        `docker compose exec -T db psql -U postgres -v ON_ERROR_STOP=1 -1 -f - < ${migration}`,
        "docker compose restart functions --no-deps",
        "curl http://localhost:8000/functions/v1/jobforge-worker/health",
      ]
    ) assert.ok(out.includes(`\n  ${line}\n`), `${line} in ${out}`);
    assert.doesNotMatch(out, /npx supabase/);
    assert.match(await run(project, "init", "--yes"), /Nothing to change/);
    await run(project, "add", "job", "invoice.send");
    assert.match(await project.read("volumes/functions/_jobs/handlers.ts"), /handleInvoiceSend/);
  }));

Deno.test("a router that wants tokens and declarative schemas are reported", () =>
  inProject({ ...COMPOSE, ".env": "A=1\nFUNCTIONS_VERIFY_JWT=true\n" }, async (project) => {
    assert.match(await run(project, "init", "--dry-run"), /! set FUNCTIONS_VERIFY_JWT=false in/);
    const { code, err } = await project.cli("init", "--yes", "--schemas");
    assert.deepEqual([code, /--schemas needs a project with/.test(err)], [1, true], err);
  }));

Deno.test("the compose layout runs its example job, and setup takes the URL inside of Docker", () =>
  inProject(COMPOSE, async (project) => {
    await run(project, "init", "--yes");
    const files = {
      migrations: join(project.root, "volumes/db/migrations"),
      functions: join(project.root, "volumes/functions"),
      config: undefined,
    };
    const stack = await startStack({ files });
    const sql = connect(stack.dbUrl);
    try {
      const supabase = createClient(stack.url, stack.secretKey, {
        auth: { persistSession: false },
      });
      const { createJobForge } = await import(
        join(project.root, "volumes/functions/_jobforge/client.js")
      );
      const jobforge = createJobForge(supabase, { tenantId: ACME });
      const job = await jobforge.enqueueJob("hello.say", { name: "Ada" });
      const { result } = await jobforge.waitForJob(job, { timeoutMs: 30_000 });
      assert.deepEqual(result, { greeting: "Hello, Ada!" });

      const env = { SUPABASE_URL: stack.url, SUPABASE_SECRET_KEY: stack.secretKey };
      const setup = await runLine(["setup", "--project-url", "http://kong:8000"], env);
      assert.equal(setup.code, 0, setup.err);
      const [settings] = await sql`select project_url from jobforge.settings`;
      assert.equal(settings!.project_url, "http://kong:8000");

      const out = await run(project, "uninstall", "--yes");
      assert.match(out, /psql .*_jobforge_uninstall\.sql\n {2}docker compose restart functions/);
      assert.deepEqual(await migrate(stack.dbUrl, files).then((names) => names.length), 1);
      const left = Object.keys(await project.tree()).filter((path) => !(path in COMPOSE));
      assert.deepEqual(left.map((path) => path.replace(/\/\d.*/, "")), [
        ...["volumes/db/migrations", "volumes/db/migrations"],
      ]);
    } finally {
      await sql.end();
      await stack.stop();
    }
  }));

Deno.test("a compose folder that was never pushed is left as it was", () =>
  inProject(COMPOSE, async (project) => {
    const before = await project.tree();
    await run(project, "init", "--yes");
    await run(project, "uninstall", "--yes", "--never-pushed");
    assert.deepEqual(await project.tree(), before);
    await assert.rejects(Deno.stat(join(project.root, "volumes/db/migrations")));
  }));
