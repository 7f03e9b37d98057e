import assert from "node:assert/strict";
import { join } from "node:path";
import { type FakeProject, inProject } from "../../cli/install/fake_project.ts";
import { filesBelow, readProjectText } from "../pack/project_files.ts";

const HANDLERS = ["Hello, $", "not a report", "serveWorker"];

/** Runs a test in a copy of an app of `examples/apps`. */
export async function inApp(
  name: string,
  use: (project: FakeProject) => Promise<void>,
): Promise<void> {
  const folder = `examples/apps/${name}`;
  const files: Record<string, string> = {};
  for (const path of await filesBelow(folder)) {
    if (/\/(node_modules|dist|\.next)\//.test(path)) continue;
    files[path.slice(folder.length + 1)] = await readProjectText(path);
  }
  await inProject(files, use);
}

/** Runs init. */
export async function init(project: FakeProject): Promise<void> {
  const { code, err } = await project.cli("init", "--yes");
  assert.equal(code, 0, err);
}

/** Every script below a folder, as one text. */
export async function scriptsIn(folder: string): Promise<string> {
  let text = "";
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) text += await scriptsIn(join(folder, name));
    else if (name.endsWith(".js")) text += await Deno.readTextFile(join(folder, name));
  }
  return text;
}

/** Fails when a handler is in what browsers load, or the client is not. */
export function assertNoHandler(text: string): void {
  assert.ok(text.includes("jobforge_enqueue_job"), "the client is inside");
  for (const part of HANDLERS) assert.ok(!text.includes(part), `a handler is inside: ${part}`);
}
