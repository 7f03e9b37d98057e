import assert from "node:assert/strict";
import { join } from "node:path";
import { shownLine } from "../../../local/dev/shown_line.ts";
import { startStack } from "../../../local/stack/stack.ts";
import { testProject } from "../../../local/test/test_project.ts";
import { ACME, eventually } from "./stage.ts";

const here = join(import.meta.dirname!, "planted_secrets");

/** Returns what a developer's terminal shows of a job that fails, once it has one line for it. */
async function terminalOf(env: Record<string, string>): Promise<string> {
  const { files, remove } = await testProject({
    functions: { worker: `import "file://${join(here, "leaking_worker.ts")}";` },
  });
  const execPath = Deno.env.get("JOBFORGE_EDGE_DENO");
  const shown: string[] = [];
  const stack = await startStack({
    files: { functions: files.functions },
    functions: ["worker"],
    functionOptions: { worker: { env, ...(execPath ? { execPath } : {}) } },
    echo: (part, line) => shown.push(shownLine(part, line, here) ?? ""),
  });
  try {
    const response = await fetch(`${stack.url}/rest/v1/rpc/jobforge_enqueue_job`, {
      method: "POST",
      headers: { "content-type": "application/json", apikey: stack.secretKey },
      body: JSON.stringify({
        ...{ p_tenant_id: ACME, p_type: "planted.leak", p_max_attempts: 1 },
        p_payload: { how: "error", text: "a letter" },
      }),
    });
    assert.equal(response.status, 200, await response.text());
    await eventually("the end of the run", () => {
      const isOver = stack.logs("worker").some((line) => line.includes("run_finished"));
      return Promise.resolve(isOver || undefined);
    });
    return shown.join("\n");
  } finally {
    await stack.stop();
    await remove();
  }
}

Deno.test("a developer sees a handler's error with its stack, and what the handler logs", async () => {
  const shown = await terminalOf({ JOBFORGE_SHOW_ERRORS: "1" });
  assert.match(shown, /worker: planted\.leak [0-9a-f-]{36} about to fail \{"attempt":1\}/);
  assert.match(shown, /✗ planted\.leak [0-9a-f-]{36}, attempt 1 of 1 errored \(handler_error: /);
  assert.match(shown, /TypeError: cannot send a letter\n.* at .*leaking_worker\.ts:\d+/);
});

Deno.test("without the variable no line has the error or the stack", async () => {
  const shown = await terminalOf({});
  assert.match(shown, /about to fail/);
  assert.doesNotMatch(shown, /a letter|leaking_worker\.ts/);
});
