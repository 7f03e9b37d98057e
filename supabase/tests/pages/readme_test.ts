import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { createClient } from "@supabase/supabase-js";
import { DEMO_TENANTS } from "../../../local/dev/tenants.ts";
import { PROJECT_ROOT, projectFiles } from "../../../local/project.ts";
import { startStack } from "../../../local/stack/stack.ts";

const readme = await Deno.readTextFile(join(PROJECT_ROOT, "README.md"));
const block = readme.match(/^```ts\n([^]*?)^```/m)![1]!;

/** The files of the block: each begins with a comment that names its path. */
const files = new Map(
  [...block.matchAll(/^\/\/ (\S+\.ts): .*\n([^]*?)(?=^\/\/ \S+\.ts: |$(?![^]))/gm)]
    .map(([, path, text]) => [path!, text!]),
);

/** A project with copies of the functions, and the files of the block on top of them. */
async function writeProject(root: string): Promise<void> {
  for (const name of ["shared", "deno.json"]) {
    await Deno.symlink(join(PROJECT_ROOT, name), join(root, name));
  }
  for (const name of ["worker", "webhook-verify", "enqueue"]) {
    const folder = join("supabase", "functions", name);
    await Deno.mkdir(join(root, folder), { recursive: true });
    for await (const { name: file } of Deno.readDir(join(PROJECT_ROOT, folder))) {
      await Deno.copyFile(join(PROJECT_ROOT, folder, file), join(root, folder, file));
    }
  }
  for (const [path, text] of files) {
    await Deno.mkdir(join(root, dirname(path)), { recursive: true });
    // The page exports what it waited for, so that the test can read it.
    const exported = text.replace(/^const (?=\{ result \})/m, "export const ");
    await Deno.writeTextFile(join(root, path), exported);
  }
}

Deno.test("the first code block of the README runs as it stands", async () => {
  assert.deepEqual(
    [...files.keys()].map((path) => path.split("/").at(-1)),
    ["count_words.ts", "index.ts", "page.ts"],
  );
  const root = await Deno.makeTempDir({ prefix: "jobforge-readme-" });
  await writeProject(root);
  const stack = await startStack({
    files: { ...projectFiles(PROJECT_ROOT), functions: join(root, "supabase", "functions") },
    functions: ["worker"],
  });
  try {
    const token = await stack.signUserToken({ tenantId: DEMO_TENANTS.acme });
    const supabase = createClient(stack.url, stack.publishableKey, {
      accessToken: () => Promise.resolve(token),
    });
    Object.assign(globalThis, { supabase });
    const page = await import(pathToFileURL(join(root, "page.ts")).href);
    const promised = block.match(/waitForJob\(.*\); \/\/ (.+)$/m)![1]!;
    assert.equal(JSON.stringify(page.result), promised);
  } finally {
    await stack.stop();
    await Deno.remove(root, { recursive: true });
  }
});
