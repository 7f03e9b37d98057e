import assert from "node:assert/strict";
import { join } from "node:path";
import { edgeFunction } from "../edge/function.ts";
import { generateKeys, platformVariables } from "../keys.ts";
import { openLogbook } from "../logbook.ts";
import { functionNames, PROJECT_ROOT } from "../project.ts";
import { npx, OLD_DENO, oldDenoPath } from "./command.ts";
import { copyProject, type Deploy, deploy, unpack } from "./deploy.ts";
import type { Upload } from "./management_api.ts";

const PLANTED_VALUE = `planted-${crypto.randomUUID()}`;
const PLANTED = [
  ".env",
  "supabase/.env",
  "supabase/functions/.env",
  "shared/.env",
  "shared/core/.env",
];
const DEBIAN_15 = "/usr/lib/postgresql/15/bin";

/** Files of a function that may leave the project: sources of itself and of `shared/`. */
function isShippable(path: string, slug: string): boolean {
  const isSource = path.startsWith(`supabase/functions/${slug}/`) || path.startsWith("shared/");
  const isTest = /_test\.ts$|\/fake_|\/tests?\//.test(path);
  return path === "deno.json" || (isSource && path.endsWith(".ts") && !isTest);
}

/** What must not have left: names that may not ship, and any file with the planted secret. */
function leaks({ uploads }: Deploy): string[] {
  return [...uploads].flatMap(([slug, { files }]) =>
    [...files].filter(([path, bytes]) =>
      !isShippable(path, slug) || new TextDecoder().decode(bytes).includes(PLANTED_VALUE)
    ).map(([path]) => `${slug}: ${path}`)
  );
}

async function withPlantedCopy(use: (root: string) => Promise<void>): Promise<void> {
  const root = await copyProject(PROJECT_ROOT);
  try {
    for (const path of PLANTED) {
      await Deno.writeTextFile(join(root, path), `JOBFORGE_SECRET_PLANTED=${PLANTED_VALUE}\n`);
    }
    await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("the official CLI deploys every function, and ships what it needs and nothing else", async (t) => {
  await withPlantedCopy(async (root) => {
    const done = await deploy(root);
    const names = await functionNames(join(PROJECT_ROOT, "supabase/functions"));

    await t.step("without an error, a warning or a call unknown here", () => {
      assert.equal(done.code, 0, done.text);
      assert.doesNotMatch(done.text, /\bWARN/, done.text);
      assert.deepEqual(done.unknownCalls, []);
    });

    await t.step("all functions, which then are put into service", () => {
      assert.deepEqual([...done.uploads.keys()].sort(), names);
      assert.deepEqual(done.activated.toSorted(), names);
    });

    await t.step("no test, no .env, nothing from local/, bench/ or examples/", () => {
      assert.deepEqual(leaks(done), []);
    });

    for (const [slug, upload] of done.uploads) {
      await t.step(`${slug}: authenticates in code and finds deno.json`, () => {
        const { entrypoint_path, import_map_path, verify_jwt } = upload.metadata;
        assert.equal(entrypoint_path, `supabase/functions/${slug}/index.ts`);
        assert.deepEqual([import_map_path, verify_jwt], ["deno.json", false]);
      });
      await t.step(
        `${slug}: the uploaded files work alone on ${OLD_DENO}`,
        () => worksAlone(slug, upload),
      );
    }
  });
});

/** The uploaded files in an empty folder: nothing missing, nothing more, typed, and answering. */
async function worksAlone(slug: string, upload: Upload): Promise<void> {
  const root = await unpack(upload);
  const entry = `supabase/functions/${slug}/index.ts`;
  try {
    const config = ["--no-lock", "--config", "deno.json", entry];
    const info = await npx(OLD_DENO, ["info", "--json", ...config], { cwd: root });
    assert.equal(info.code, 0, info.stderr);
    assert.deepEqual(
      ["deno.json", ...localModules(info.stdout, root)].sort(),
      [
        ...upload.files.keys(),
      ].sort(),
    );
    const check = await npx(OLD_DENO, ["check", ...config], { cwd: root });
    assert.equal(check.code, 0, check.stderr);
    await answers(root, slug);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function localModules(json: string, root: string): string[] {
  const { modules } = JSON.parse(json) as { modules: { specifier: string; error?: string }[] };
  const errors = modules.flatMap(({ error }) => error ?? []);
  assert.deepEqual(errors, []);
  const prefix = `file://${Deno.realPathSync(root)}/`;
  return modules.filter(({ specifier }) => specifier.startsWith("file:"))
    .map(({ specifier }) => specifier.slice(prefix.length));
}

async function answers(root: string, slug: string): Promise<void> {
  const nowhere = "http://127.0.0.1:9";
  const env = await platformVariables(nowhere, generateKeys(), "postgresql://127.0.0.1:9/none");
  const directory = join(root, "supabase/functions", slug);
  const source = { name: slug, directory, config: join(root, "deno.json"), env };
  const logbook = openLogbook(undefined);
  const running = edgeFunction(source, { execPath: await oldDenoPath() }, logbook);
  try {
    const url = `http://127.0.0.1:${await running.port()}/${slug}`;
    const response = await fetch(url, { method: "POST" });
    const problem = await response.json();
    assert.ok(response.status >= 400 && response.status < 500, logbook.read(slug).join("\n"));
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.match(problem.code, /^[a-z_]+$/);
  } finally {
    await running.stop();
  }
}

const MISTAKES: [string, string, string][] = [
  ["an alias for a folder ships its .env", '"zod":', '"@shared/": "./shared/", "zod":'],
  ["an alias for the project ships its .env", '"zod":', '"@/": "./", "zod":'],
];

for (const [what, before, after] of MISTAKES) {
  Deno.test(`${what}, and this check sees it`, () =>
    withPlantedCopy(async (root) => {
      const config = join(root, "deno.json");
      const text = await Deno.readTextFile(config);
      await Deno.writeTextFile(config, text.replace(before, after));
      assert.ok(leaks(await deploy(root)).some((path) => path.endsWith("/.env")));
    }));
}

Deno.test("a missing import is a warning, and this check sees it", () =>
  withPlantedCopy(async (root) => {
    const index = join(root, "supabase/functions/enqueue/index.ts");
    const text = await Deno.readTextFile(index);
    await Deno.writeTextFile(index, `${text}export * from "./nowhere.ts";\n`);
    const done = await deploy(root);
    assert.ok(done.code !== 0 || /\bWARN/.test(done.text), done.text);
  }));

Deno.test({
  name: "supabase db push applies the migrations to Debian's Postgres 15 as well, and twice",
  ignore: !isFolder(DEBIAN_15),
  async fn() {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "check:cli", "--filter", "db push"],
      cwd: PROJECT_ROOT,
      env: { NO_COLOR: "1", JOBFORGE_PG_BIN: DEBIAN_15 },
      stdin: "null",
    }).output();
    const text = new TextDecoder();
    assert.equal(code, 0, text.decode(stdout) + text.decode(stderr));
    assert.match(text.decode(stdout), /ok \| [1-9]\d* passed/);
  },
});

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
