import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createClient } from "@supabase/supabase-js";
import { CONFIG, inProject } from "../../../cli/install/fake_project.ts";
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

Deno.test("the first code block of the README runs as it stands, after init", () =>
  inProject({ "supabase/config.toml": CONFIG }, async (project) => {
    assert.deepEqual([...files.keys()], [
      "supabase/jobs/definitions.ts",
      "supabase/jobs/handlers.ts",
      "page.ts",
    ]);
    const { code, err } = await project.cli("init", "--yes");
    assert.equal(code, 0, err);
    for (const [path, text] of files) {
      // The page exports what it waited for, so that the test can read it.
      await project.write(path, text.replace(/^const (?=\{ result \})/m, "export const "));
    }
    const stack = await startStack({ files: projectFiles(project.root) });
    try {
      const token = await stack.signUserToken({ tenantId: DEMO_TENANTS.acme });
      const supabase = createClient(stack.url, stack.publishableKey, {
        accessToken: () => Promise.resolve(token),
      });
      Object.assign(globalThis, { supabase });
      const page = await import(pathToFileURL(join(project.root, "page.ts")).href);
      const promised = block.match(/waitForJob\(.*\); \/\/ (.+)$/m)![1]!;
      assert.equal(JSON.stringify(page.result), promised);
    } finally {
      await stack.stop();
    }
  }));
