import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createClient } from "@supabase/supabase-js";
import { DEMO_TENANTS } from "../../../local/dev/tenants.ts";
import { PROJECT_ROOT } from "../../../local/project.ts";
import { startStack } from "../../../local/stack/stack.ts";
import { createJobForge } from "../../../shared/client.ts";

const page = await Deno.readTextFile(join(PROJECT_ROOT, "docs/client.md"));
const code = [...page.matchAll(/^```ts\n([^]*?)^```/gm)].map(([, block]) => block!).join("\n");
/** What each `console.log` has to print. */
const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)].map(([, text]) => text!);

/** Runs the blocks of the page as one module. Returns what they printed. */
async function runPage(supabase: unknown): Promise<string[]> {
  const root = await Deno.makeTempDir({ prefix: "jobforge-client-page-" });
  const print = console.log;
  const printed: string[] = [];
  try {
    for (const name of ["shared", "deno.json"]) {
      await Deno.symlink(join(PROJECT_ROOT, name), join(root, name));
    }
    const module = join(root, "page.ts");
    await Deno.writeTextFile(module, code.replace("supabase, {", "globalThis.supabase, {"));
    Object.assign(globalThis, { supabase });
    console.log = (...values) => void printed.push(values.join(" "));
    await import(pathToFileURL(module).href);
    return printed;
  } finally {
    console.log = print;
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("the examples of the client's page run and print what they promise", async () => {
  const stack = await startStack({ functions: ["worker"] });
  try {
    const token = await stack.signUserToken({ tenantId: DEMO_TENANTS.acme });
    const accessToken = () => Promise.resolve(token);
    const supabase = createClient(stack.url, stack.publishableKey, { accessToken });
    assert.deepEqual(await runPage(supabase), promised);
  } finally {
    await stack.stop();
  }
});

Deno.test("the client's page has an example of every method", () => {
  const client = createJobForge({ rpc: () => {}, from: () => {} });
  const missing = Object.keys(client).filter((name) => !code.includes(`jobforge.${name}`));
  assert.deepEqual(missing, []);
});
