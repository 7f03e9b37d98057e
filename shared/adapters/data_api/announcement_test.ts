import assert from "node:assert/strict";
import { announcement } from "./announcement.ts";
import type { DataApi, Reply } from "./data_api.ts";

function stage(replies: Partial<Reply>[]) {
  const calls: unknown[] = [];
  const logged: string[] = [];
  const clock = { now: 0 };
  const rpc = (name: string, args: unknown) => {
    calls.push([name, args]);
    const reply = { data: null, error: null, status: 200, ...replies.shift() };
    return { abortSignal: () => Promise.resolve(reply) };
  };
  const announce = announcement({
    api: { rpc } as unknown as DataApi,
    supabaseUrl: "https://branch.supabase.co",
    log: { write: (_level, event) => void logged.push(event) },
    now: () => clock.now,
  });
  return { announce, calls, clock, logged };
}

Deno.test("the URL is announced at most once in ten seconds", async () => {
  const { announce, calls, clock, logged } = stage([{ data: true }, { data: false }]);
  const call = ["jobforge_announce_url", { p_project_url: "https://branch.supabase.co" }];
  await Promise.all([announce(), announce()]);
  clock.now = 9_999;
  await announce();
  assert.deepEqual(calls, [call]);
  clock.now = 10_000;
  await announce();
  assert.deepEqual(calls, [call, call]);
  assert.deepEqual(logged, []);
});

Deno.test("a failure is logged, and rejects nothing", async () => {
  const { announce, logged } = stage([{ error: {}, status: 503 }]);
  await announce();
  assert.deepEqual(logged, ["url_not_announced"]);
});
