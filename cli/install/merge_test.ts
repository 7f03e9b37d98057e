import assert from "node:assert/strict";
import { CONFIG, type FakeProject, inProject } from "./fake_project.ts";
import { CLI_LAYOUT, recordIn } from "./layout.ts";
import { hashOf } from "./record.ts";

const RECORD_FILE = recordIn(CLI_LAYOUT);

const WORKER = "supabase/functions/jobforge-worker/index.ts";
const OLDER = `import { serveWorker } from "../_jobforge/edge.js";
import { handlers } from "../../jobs/handlers.ts";

// A line that the next version has no more.

serveWorker({ handlers });
`;

/** Runs a test in a project where an older version wrote another text of the worker. */
function upgraded(use: (project: FakeProject, newest: string) => Promise<void>): Promise<void> {
  return inProject({ "supabase/config.toml": CONFIG }, async (project) => {
    assert.equal((await project.cli("init", "--yes")).code, 0);
    const newest = await project.read(WORKER);
    const record = JSON.parse(await project.read(RECORD_FILE));
    assert.equal(record.texts[WORKER], newest);
    record.files[WORKER] = hashOf(OLDER);
    record.texts[WORKER] = OLDER;
    await project.write(RECORD_FILE, JSON.stringify(record));
    await project.write(WORKER, OLDER);
    await use(project, newest);
  });
}

async function again(project: FakeProject): Promise<string> {
  const { code, out, err } = await project.cli("init", "--yes");
  assert.equal(code, 0, err);
  return out;
}

Deno.test("a file as it was written becomes the new one", () =>
  upgraded(async (project, newest) => {
    const out = await again(project);
    assert.equal(await project.read(WORKER), newest);
    assert.doesNotMatch(out, /by hand/);
  }));

Deno.test("changes of the team and of the new version are merged", () =>
  upgraded(async (project, newest) => {
    const ours = 'import "./sentry.ts";\n';
    await project.write(WORKER, ours + OLDER);
    const out = await again(project);
    assert.equal(await project.read(WORKER), ours + newest);
    assert.match(out, /! .*index\.ts was changed by hand: it keeps your changes/);
    assert.match(await again(project), /Nothing to change/);
    assert.ok(!(`${WORKER}.new` in await project.tree()));
  }));

Deno.test("changes of the same lines stay, with the new version beside them", () =>
  upgraded(async (project, newest) => {
    const ours = OLDER.replace("// A line that the next version has no more.", "// Ours.");
    await project.write(WORKER, ours);
    const out = await again(project);
    const tree = await project.tree();
    assert.deepEqual([tree[WORKER], tree[`${WORKER}.new`]], [ours, newest]);
    assert.ok(out.includes(`delete these:\n  ${WORKER}.new\n`), out);
    assert.match(await again(project), /Nothing to change/);
    assert.equal((await project.cli("uninstall", "--yes", "--never-pushed")).code, 0);
    assert.deepEqual(
      Object.keys(await project.tree()).sort(),
      ["supabase/config.toml", WORKER],
    );
  }));

Deno.test("the line ends of Windows are no change, and stay", () =>
  upgraded(async (project, newest) => {
    const windows = (text: string) => text.replaceAll("\n", "\r\n");
    await project.write(WORKER, windows(OLDER));
    assert.doesNotMatch(await again(project), /by hand/);
    assert.equal(await project.read(WORKER), windows(newest));
    for (const [path, text] of Object.entries(await project.tree())) {
      await project.write(path, windows(text.replaceAll("\r\n", "\n")));
    }
    assert.match(await again(project), /Nothing to change/);
    assert.equal((await project.cli("uninstall", "--yes", "--never-pushed")).code, 0);
    assert.deepEqual(Object.keys(await project.tree()), ["supabase/config.toml"]);
  }));

Deno.test("changes of the team with the line ends of Windows are merged", () =>
  upgraded(async (project, newest) => {
    const windows = (text: string) => text.replaceAll("\n", "\r\n");
    await project.write(WORKER, windows(`${OLDER}// Ours.\n`));
    await again(project);
    assert.equal(await project.read(WORKER), windows(`${newest}// Ours.\n`));
  }));

Deno.test("a function that the team deleted stays deleted", () =>
  upgraded(async (project) => {
    const config = await project.read("supabase/config.toml");
    const section = /\n?\[functions\.jobforge-webhooks\]\n(.+\n)*/;
    await project.write("supabase/config.toml", config.replace(section, ""));
    await Deno.remove(`${project.root}/supabase/functions/jobforge-webhooks`, { recursive: true });
    const out = await again(project);
    assert.match(out, /! jobforge-webhooks was deleted and stays so/);
    assert.match(out, /functions deploy jobforge-worker jobforge-enqueue --/);
    const tree = await project.tree();
    assert.doesNotMatch(tree["supabase/config.toml"]!, /jobforge-webhooks/);
    assert.ok(!("supabase/functions/jobforge-webhooks/index.ts" in tree));
  }));

Deno.test("a file of the runtime that is missing is written again", () =>
  upgraded(async (project) => {
    await Deno.remove(`${project.root}/supabase/functions/_jobforge/edge.js`);
    await again(project);
    assert.ok("supabase/functions/_jobforge/edge.js" in await project.tree());
  }));

Deno.test("a file that was never JobForge's is refused as the place of a new version", () =>
  upgraded(async (project) => {
    await project.write(WORKER, "// all ours\n");
    await project.write(`${WORKER}.new`, "// ours too\n");
    const before = await project.tree();
    const { code, err } = await project.cli("init", "--yes");
    assert.deepEqual([code, /index\.ts\.new is yours.*move it away/.test(err)], [1, true], err);
    assert.deepEqual(await project.tree(), before);
  }));

Deno.test("chunks of an earlier build go, but not one that was changed by hand", () =>
  upgraded(async (project) => {
    const record = JSON.parse(await project.read(RECORD_FILE));
    const chunks = ["OLD", "CHANGED", "GONE"].map((name) =>
      `supabase/functions/_jobforge/chunk-${name}.js`
    );
    for (const path of chunks) record.files[path] = hashOf("// a chunk\n");
    await project.write(RECORD_FILE, JSON.stringify(record));
    await project.write(chunks[0]!, "// a chunk\n");
    await project.write(chunks[1]!, "// ours\n");
    await again(project);
    const tree = await project.tree();
    assert.deepEqual(chunks.map((path) => tree[path]), [undefined, "// ours\n", undefined]);
  }));
