import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { CONFIG, inProject } from "../../cli/install/fake_project.ts";
import { SUPABASE_CLI } from "../../local/checks/command.ts";
import { projectFiles } from "../../local/project.ts";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import { withDatabase } from "../../local/test/test_database.ts";
import { mustRun } from "./install.ts";

const EMPTY = { sources: { migrations: "/nonexistent" } };
const TENANT = "11111111-1111-4111-8111-111111111111";
const TEAM = {
  "supabase/config.toml": CONFIG,
  "supabase/migrations/20200101000000_first.sql": "create table public.jobs (id int primary key);",
  "supabase/migrations/20990101000000_newer.sql": "create table public.queues (id int);",
};

/** Pushes the migrations of a project, as the official CLI does. */
function push(root: string, url: string): Promise<string> {
  return mustRun(root, ["npx", "-y", SUPABASE_CLI, "db", "push", "--yes", `--remote=${url}`], {
    SUPABASE_TELEMETRY_DISABLED: "1",
  });
}

Deno.test("the official CLI pushes JobForge's migration after a newer one of the team, and its removal", () =>
  inProject(TEAM, ({ root, cli }) =>
    withDatabase(async ({ sql, url }) => {
      await push(root, url);
      assert.equal((await cli("init", "--yes")).code, 0);
      await push(root, url);
      const [installed] = await sql`select worker_function from jobforge.settings`;
      assert.equal(installed!.worker_function, "jobforge-worker");
      assert.match(await push(root, url), /up to date/);
      assert.equal((await cli("uninstall", "--yes")).code, 0);
      await push(root, url);
      const [left] = await sql`
        select to_regnamespace('jobforge') as schema, to_regclass('public.jobs') as jobs`;
      assert.deepEqual(left, { schema: null, jobs: "jobs" });
    }, EMPTY)));

Deno.test("a preview branch is set up by its pushed migrations and one request", () =>
  inProject(TEAM, async ({ root, cli }) => {
    assert.equal((await cli("init", "--yes")).code, 0);
    await withDatabase(async ({ sql, url, adminUrl, password }) => {
      await push(root, url);
      const stack = await startStack({
        files: projectFiles(root),
        database: { adminUrl, password },
      });
      try {
        // A branch has the schema and no settings, unlike a stack that was just started.
        await sql`update jobforge.settings set project_url = null`;
        await sql`select cron.unschedule(jobname) from cron.job`;
        const [job] = await sql`select job_id from jobforge_enqueue_job(
          p_tenant_id => ${TENANT}, p_type => 'hello.say', p_payload => '{"name": "Ada"}')`;
        const [why] = await sql`select jobforge_explain_job(${job!.job_id}, ${TENANT}) as told`;
        assert.match(
          JSON.stringify(why!.told),
          /project URL unknown: open …\/jobforge-worker\/health/,
        );
        await deployHook(stack);
        const [settings] = await sql`select project_url from jobforge.settings`;
        assert.equal(settings!.project_url, stack.url);
        assert.equal(await endOf(root, stack, job!.job_id), "succeeded");
      } finally {
        await stack.stop();
      }
    }, EMPTY);
  }));

/** The dispatcher looks every ten seconds. */
async function endOf(root: string, { url, secretKey }: Stack, job: string): Promise<string> {
  const { createJobForge } = await import(`${root}/supabase/functions/_jobforge/client.js`);
  const supabase = createClient(url, secretKey, { auth: { persistSession: false } });
  const jobforge = createJobForge(supabase, { tenantId: TENANT });
  return (await jobforge.waitForJob(job, { timeoutMs: 60_000 })).status;
}

/** What a deploy hook does: no key is needed. */
async function deployHook({ url }: Stack): Promise<void> {
  const response = await fetch(`${url}/functions/v1/jobforge-worker/health`);
  assert.equal(response.status, 200, await response.text());
}
