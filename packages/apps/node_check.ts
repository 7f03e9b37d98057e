import assert from "node:assert/strict";
import { join } from "node:path";
import { projectFiles } from "../../local/project.ts";
import { startStack } from "../../local/stack/stack.ts";
import { inApp } from "./app.ts";
import { mustRun, npmInstall, packInto, run } from "./install.ts";

Deno.test("a Node service installs the tarball, compiles strictly and runs a job", async (t) => {
  await inApp("service", async ({ root, read }) => {
    const tarball = await packInto(root);
    await npmInstall(root, [tarball]);
    await t.step("its bin works on Node: init, twice, and add job", async () => {
      assert.match(await mustRun(root, ["npx", "jobforge", "init", "--yes"]), /npx jobforge setup/);
      assert.match(await mustRun(root, ["npx", "jobforge", "init", "--yes"]), /Nothing to change/);
      await mustRun(root, ["npx", "jobforge", "add", "job", "invoice.send"]);
      assert.match(await read("supabase/functions/jobforge-worker/deno.json"), /\^4\.6\.7/);
    });
    await t.step("tsc, NodeNext", async () => void await mustRun(root, ["npx", "tsc"]));
    await t.step("tsc, bundler, with the job files", async () => {
      await mustRun(root, ["npx", "tsc", "-p", "tsconfig.bundler.json"]);
    });
    await t.step("a job of the service succeeds in the generated worker", async () => {
      const stack = await startStack({ files: projectFiles(root) });
      try {
        const env = { SUPABASE_URL: stack.url, SUPABASE_SECRET_KEY: stack.secretKey };
        assert.match(await mustRun(root, ["npx", "jobforge", "setup"], env), /jobforge-worker/);
        const text = await mustRun(root, ["node", "dist/main.js"], env);
        assert.equal(text.trim(), "succeeded Hello, Node!");
        const doctor = await run(root, ["npx", "jobforge", "doctor", "--json"], env);
        // The dispatcher and the maintenance may not have run yet.
        const findings: { name: string; ok: boolean }[] = JSON.parse(doctor.text);
        const held = findings.filter(({ ok }) => ok).map(({ name }) => name);
        for (const name of ["project_url", "enqueue", "worker", "ticket"]) {
          assert.ok(held.includes(name), doctor.text);
        }
      } finally {
        await stack.stop();
      }
    });
    await t.step("the files of the package alone are in the tarball", async () => {
      const text = await mustRun(root, ["tar", "-tzf", tarball]);
      const strays = text.trim().split("\n").filter((path) =>
        !/^package\/((bin|dist|sql|testing)\/[\w.-]+|[A-Z_a-z]+(\.(md|json|txt))?)$/.test(path)
      );
      assert.deepEqual(strays, []);
    });
  });
});

Deno.test("a Deno program checks and runs with the package", () =>
  inApp("program", async ({ root }) => {
    await npmInstall(root, [await packInto(root)]);
    const text = await mustRun(root, [
      ...[Deno.execPath(), "run", "--check=all", "--quiet", "--no-lock"],
      ...["--node-modules-dir=manual", "main.ts"],
    ]);
    const must = "must be a string, not a number";
    const issues = JSON.stringify([{ path: "name", rule: "invalid_type", must }]);
    assert.equal(text.trim(), `invalid_payload ${issues} function`);
    assert.ok(await Deno.stat(join(root, "node_modules/jobforge/CONTENTS.json")));
  }));
