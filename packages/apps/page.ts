import assert from "node:assert/strict";
import { join } from "node:path";
import type { FakeProject } from "../../cli/install/fake_project.ts";

const HANDLER_TEXT = "Hello, $";
/** Packages of npm that a page needs. */
export const SUPABASE = ["@supabase/supabase-js@2.119.1", "zod@4.6.7"];

/** What a page does: it enqueues with the vendored client, typed by the job files. */
export function page(prefix: string, suffix: string): string {
  return `
import { createClient } from "@supabase/supabase-js";
import { createJobForge } from "${prefix}/supabase/functions/_jobforge/client.js";
import { definitions } from "${prefix}/supabase/jobs/definitions${suffix}";

const supabase = createClient("http://127.0.0.1:54321", "sb_publishable_none");
export const jobforge = createJobForge(supabase, { definitions });
export async function greet(name: string): Promise<string | undefined> {
  const job = await jobforge.enqueueJob("hello.say", { name });
  const ended = await jobforge.waitForJob(job);
  return ended.status === "succeeded" ? ended.result.greeting : undefined;
}
`;
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
  assert.ok(!text.includes(HANDLER_TEXT) && !text.includes("serveWorker"), "no handler is inside");
}
