import assert from "node:assert/strict";
import { join } from "node:path";
import { npx, OLD_DENO, oldDenoPath } from "../../local/checks/command.ts";
import { deploy, unpack } from "../../local/checks/deploy.ts";
import type { Upload } from "../../local/checks/management_api.ts";
import { edgeFunction } from "../../local/edge/function.ts";
import { generateKeys, platformVariables } from "../../local/keys.ts";
import { openLogbook } from "../../local/logbook.ts";
import { CONFIG, inProject } from "../../cli/install/fake_project.ts";

const PLANTED = `planted-${crypto.randomUUID()}`;
const SLUGS = ["jobforge-enqueue", "jobforge-webhooks", "jobforge-worker"];
const PROJECT = {
  "supabase/config.toml": CONFIG,
  // A root configuration with another zod, which a deploy does not read.
  "deno.json": '{"imports": {"zod": "npm:zod@3.22.4"}}',
  "supabase/functions/team/index.ts": 'Deno.serve(() => new Response("team"));\n',
  ".env": `SECRET=${PLANTED}`,
  "supabase/functions/.env": `SECRET=${PLANTED}`,
  "supabase/jobs/.env": `SECRET=${PLANTED}`,
};

Deno.test("the official CLI deploys what init wrote, beside the team's functions", async (t) => {
  await inProject(PROJECT, async (project) => {
    const { code, err } = await project.cli("init", "--yes");
    assert.equal(code, 0, err);
    const done = await deploy(project.root);
    await t.step("without an error or a warning", () => {
      assert.equal(done.code, 0, done.text);
      assert.doesNotMatch(done.text, /\bWARN/, done.text);
    });
    await t.step("all four functions", () => {
      assert.deepEqual([...done.uploads.keys()].sort(), [...SLUGS, "team"]);
    });
    await t.step("the handlers leave with the worker alone, and no .env leaves", () => {
      for (const [slug, { files }] of done.uploads) {
        const isWorker = slug === "jobforge-worker";
        assert.equal(files.has("supabase/jobs/handlers.ts"), isWorker, slug);
        for (const [path, bytes] of files) {
          assert.ok(!new TextDecoder().decode(bytes).includes(PLANTED), `${slug}: ${path}`);
        }
      }
    });
    for (const slug of SLUGS) {
      await t.step(
        `${slug} works alone on ${OLD_DENO}`,
        () => worksAlone(slug, done.uploads.get(slug)!),
      );
    }
  });
});

/** The uploaded files in an empty folder resolve, have types, and answer. */
async function worksAlone(slug: string, upload: Upload): Promise<void> {
  assert.deepEqual(
    [upload.metadata.import_map_path, upload.metadata.verify_jwt],
    [`supabase/functions/${slug}/deno.json`, false],
  );
  const root = await unpack(upload);
  const directory = join(root, "supabase/functions", slug);
  const config = join(directory, "deno.json");
  const nowhere = "http://127.0.0.1:9";
  const env = await platformVariables(nowhere, generateKeys(), "postgresql://127.0.0.1:9/none");
  const options = { execPath: await oldDenoPath() };
  const logbook = openLogbook(undefined);
  const running = edgeFunction({ name: slug, directory, config, env }, options, logbook);
  try {
    const url = `http://127.0.0.1:${await running.port()}/${slug}`;
    const response = await fetch(url, { method: "POST" });
    const { code } = await response.json();
    assert.ok(response.status >= 400 && response.status < 500, logbook.read(slug).join("\n"));
    assert.match(code, /^[a-z_]+$/);
  } finally {
    await running.stop();
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test(`what init wrote has types for ${OLD_DENO} and for this Deno`, () =>
  inProject(PROJECT, async (project) => {
    await project.cli("init", "--yes");
    for (const deno of [OLD_DENO, `deno@${Deno.version.deno}`]) {
      for (const slug of SLUGS) {
        const config = ["--no-lock", "--config", `supabase/functions/${slug}/deno.json`];
        const args = ["check", ...config, `supabase/functions/${slug}/index.ts`];
        const { code, stderr } = await npx(deno, args, { cwd: project.root });
        assert.equal(code, 0, stderr);
      }
    }
  }));
