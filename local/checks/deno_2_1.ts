import assert from "node:assert/strict";
import { PROJECT_ROOT } from "../project.ts";
import { OLD_DENO, oldDenoPath } from "./command.ts";

const VERSION = OLD_DENO.split("@")[1];

Deno.test(`shared/ and the functions type-check and pass their tests on Deno ${VERSION}`, async () => {
  const files = [...await unitTests("shared"), ...await unitTests("supabase/functions")];
  // This Deno needs a permission for the name in a certificate, not for its address.
  const net = "--allow-net=127.0.0.1,localhost,api.example.com,evil.example.com";
  const rights = ["--allow-env", "--allow-read", net];
  const report = await run("npx", [
    "-y",
    OLD_DENO,
    "test",
    "--parallel",
    "--no-lock",
    ...rights,
    ...files,
  ]);
  assert.match(report, /ok \| [1-9]\d* passed/);
});

Deno.test(`the functions pass their tests on the stack when Deno ${VERSION} runs them`, async () => {
  const execPath = await oldDenoPath();
  const rights = ["--allow-env", "--allow-read", "--allow-write", "--allow-run", "--allow-sys=uid"];
  const report = await run(
    Deno.execPath(),
    // The present Deno runs these tests, and has checked their types before.
    [
      ...["test", "--parallel", "--no-check", "--allow-net=127.0.0.1,localhost", ...rights],
      "supabase/functions/tests",
    ],
    { JOBFORGE_EDGE_DENO: execPath },
  );
  assert.match(report, /ok \| [1-9]\d* passed/);
});

/** Tests of deployed code without a stack, which is not deployed: all but supabase/functions/tests. */
async function unitTests(directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(`${PROJECT_ROOT}/${directory}`)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory && entry.name !== "tests") found.push(...await unitTests(path));
    else if (path.endsWith("_test.ts")) found.push(path);
  }
  return found;
}

/** Returns what a command printed. Throws all of it unless the command succeeded. */
async function run(
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: PROJECT_ROOT,
    env: { NO_COLOR: "1", DENO_TLS_CA_STORE: "mozilla,system", ...env },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  assert.equal(code, 0, text.decode(stdout) + text.decode(stderr));
  return text.decode(stdout);
}
