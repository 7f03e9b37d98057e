import assert from "node:assert/strict";
import { join } from "node:path";
import { CONFIG, inProject } from "../../cli/install/fake_project.ts";
import { projectFiles } from "../../local/project.ts";
import { startStack } from "../../local/stack/stack.ts";
import { mustRun, npmInstall, packInto, run } from "./install.ts";

const TENANT = "11111111-1111-4111-8111-111111111111";

const SERVICE = `
import { PostgrestClient } from "@supabase/postgrest-js";
import { defineJob, handle, RetryError, type JobContext, type JobHandler } from "jobforge";
import { createJobForge, JobForgeError } from "jobforge/client";
import * as z from "zod";

const helloSay = defineJob({
  type: "hello.say",
  payload: z.object({ name: z.string() }),
  result: z.object({ greeting: z.string() }),
});
export const handler: JobHandler = handle(helloSay, async ({ name }, ctx: JobContext) => {
  if (ctx.attempt > 3) throw new RetryError("later", { afterMs: 1_000 });
  return { greeting: name };
});
// supabase-js needs a newer Node. Its REST client is enough.
const api = new PostgrestClient(process.env.SUPABASE_URL + "/rest/v1", {
  headers: { apikey: process.env.SUPABASE_SECRET_KEY! },
});
const jobforge = createJobForge(api, { definitions: [helloSay], tenantId: "${TENANT}" });
// @ts-expect-error: a name must be a text
const refused: unknown = await jobforge.enqueueJob("hello.say", { name: 1 }).catch((e) => e);
if (!(refused instanceof JobForgeError) || refused.code !== "invalid_payload") throw refused;
const job = await jobforge.enqueueJob("hello.say", { name: "Node" });
const ended = await jobforge.waitForJob(job, { timeoutMs: 30_000 });
const greeting: string | undefined = ended.status === "succeeded" ? ended.result.greeting : undefined;
console.log(ended.status, greeting);
`;

function tsconfig(module: string, moduleResolution: string, include: string[]): string {
  return JSON.stringify({
    compilerOptions: {
      ...{ module, moduleResolution, target: "es2022", outDir: "dist", types: ["node"] },
      ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
      ...{ skipLibCheck: false, isolatedModules: true },
    },
    include,
  });
}

Deno.test("a Node service installs the tarball, compiles strictly and runs a job", async (t) => {
  await inProject({
    "supabase/config.toml": CONFIG,
    "package.json": '{"private": true, "type": "module"}',
    "src/main.ts": SERVICE,
    "tsconfig.json": tsconfig("nodenext", "nodenext", ["src"]),
    "tsconfig.bundler.json": tsconfig("esnext", "bundler", ["src", "supabase/jobs"]),
  }, async ({ root, read }) => {
    const tarball = await packInto(root);
    await npmInstall(root, [
      ...[tarball, "zod@4.6.7", "@supabase/postgrest-js@2.119.1"],
      ...["typescript@5.9.3", "@types/node@22.20.5"],
    ]);
    await t.step("its bin works on Node: init, twice, and add job", async () => {
      assert.match(await mustRun(root, ["npx", "jobforge", "init", "--yes"]), /npx jobforge setup/);
      assert.match(await mustRun(root, ["npx", "jobforge", "init", "--yes"]), /Nothing to change/);
      await mustRun(root, ["npx", "jobforge", "add", "job", "invoice.send"]);
      assert.match(await read("supabase/functions/jobforge-worker/deno.json"), /\^4\.6\.7/);
    });
    await t.step("tsc, NodeNext", async () => void await mustRun(root, ["npx", "tsc"]));
    await t.step("tsc, bundler, with the job files", async () => {
      await mustRun(root, [
        "npx",
        "tsc",
        "--noEmit",
        "--allowImportingTsExtensions",
        "-p",
        "tsconfig.bundler.json",
      ]);
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
        !/^package\/((bin|dist|sql)\/[\w.-]+|[A-Z_a-z]+(\.(md|json|txt))?)$/.test(path)
      );
      assert.deepEqual(strays, []);
    });
  });
});

Deno.test("a Deno program checks and runs with the package", async () => {
  await inProject({ "package.json": "{}" }, async ({ root, write }) => {
    await npmInstall(root, [await packInto(root), "zod@3.25.76"]);
    await write(
      "main.ts",
      `
import { defineJob } from "jobforge";
import { createJobForge } from "jobforge/client";
import { serveWorker } from "jobforge/edge";
import { z } from "zod";
const old = defineJob({ type: "old.zod", payload: z.object({ name: z.string() }) });
const api = { rpc: () => Promise.reject(new Error("no call")), from: () => ({}) };
const jobforge = createJobForge(api, { definitions: [old] });
// @ts-expect-error: a name must be a text
const refused = await jobforge.enqueueJob("old.zod", { name: 1 }).catch((error) => error);
console.log(refused.code, JSON.stringify(refused.extras.issues), typeof serveWorker);
`,
    );
    const text = await mustRun(root, [
      ...[Deno.execPath(), "run", "--check=all", "--quiet", "--no-lock"],
      ...["--node-modules-dir=manual", "main.ts"],
    ]);
    const must = "must be a string, not a number";
    const issues = JSON.stringify([{ path: "name", rule: "invalid_type", must }]);
    assert.equal(text.trim(), `invalid_payload ${issues} function`);
    assert.ok(await Deno.stat(join(root, "node_modules/jobforge/CONTENTS.json")));
  });
});
