import assert from "node:assert/strict";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { connect } from "../../local/postgres/database.ts";
import { startStack } from "../../local/stack/stack.ts";
import { projectFiles } from "../../local/project.ts";
import { ACME } from "../fake_terminal.ts";
import { CONFIG, inProject } from "./fake_project.ts";

Deno.test("a fresh project runs its example job after init", () =>
  inProject({ "supabase/config.toml": CONFIG }, async (project) => {
    const { code, err } = await project.cli("init", "--yes");
    assert.equal(code, 0, err);
    const stack = await startStack({ files: projectFiles(project.root) });
    const sql = connect(stack.dbUrl);
    try {
      const { createJobForge } = await import(
        join(project.root, "supabase/functions/_jobforge/client.js")
      );
      const supabase = createClient(stack.url, stack.secretKey, {
        auth: { persistSession: false },
      });
      const jobforge = createJobForge(supabase, { tenantId: ACME });
      const job = await jobforge.enqueueJob("hello.say", { name: "Ada" });
      const { status, result } = await jobforge.waitForJob(job, { timeoutMs: 30_000 });
      assert.deepEqual([status, result], ["succeeded", { greeting: "Hello, Ada!" }]);
      assert.deepEqual(Object.keys(stack.functionPids()), ["jobforge-worker"]);
    } finally {
      await sql.end();
      await stack.stop();
    }
  }));
