import assert from "node:assert/strict";
import { SUPABASE_CLI } from "../../local/checks/command.ts";
import { withDatabase } from "../../local/test/test_database.ts";
import { CONFIG, inProject } from "../../cli/install/fake_project.ts";
import { mustRun } from "./install.ts";

const EMPTY = { sources: { migrations: "/nonexistent" } };

Deno.test("the official CLI pushes JobForge's migration after a newer one of the team, and its removal", () =>
  inProject({
    "supabase/config.toml": CONFIG,
    "supabase/migrations/20200101000000_first.sql":
      "create table public.jobs (id int primary key);",
    "supabase/migrations/20990101000000_newer.sql": "create table public.queues (id int);",
  }, async ({ root, cli }) => {
    const push = (url: string) =>
      mustRun(root, ["npx", "-y", SUPABASE_CLI, "db", "push", "--yes", `--remote=${url}`], {
        SUPABASE_TELEMETRY_DISABLED: "1",
      });
    await withDatabase(async ({ sql, url }) => {
      await push(url);
      assert.equal((await cli("init", "--yes")).code, 0);
      await push(url);
      const [installed] = await sql`select worker_function from jobforge.settings`;
      assert.equal(installed!.worker_function, "jobforge-worker");
      assert.match(await push(url), /up to date/);
      assert.equal((await cli("uninstall", "--yes")).code, 0);
      await push(url);
      const [left] = await sql`
        select to_regnamespace('jobforge') as schema, to_regclass('public.jobs') as jobs`;
      assert.deepEqual(left, { schema: null, jobs: "jobs" });
    }, EMPTY);
  }));
