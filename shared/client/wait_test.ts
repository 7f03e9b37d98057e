import assert from "node:assert/strict";
import { createJobForge } from "../client.ts";
import { type Answer, ENQUEUED, fakeSupabase, ID, NOT_FOUND, row } from "./fake_supabase.ts";

Deno.test("waiting reports progress as it changes and ends with the result", async () => {
  const { supabase } = fakeSupabase([
    row("scheduled"),
    row("queued"),
    row("running", { percent: 50 }),
    row("running", { percent: 50 }),
    row("succeeded", { percent: 100 }, { sent: 1 }),
  ]);
  const seen: unknown[] = [];
  const onProgress = (progress: unknown) => void seen.push(progress);
  const done = await createJobForge(supabase).waitForJob(ID, { onProgress });
  assert.deepEqual([done.status, done.result, done.maxAttempts], ["succeeded", { sent: 1 }, 5]);
  assert.deepEqual(seen, [{ percent: 50 }, { percent: 100 }]);
});

Deno.test("failures that may pass are waited out", async () => {
  const away = (status: number): Answer => ({ error: {}, status });
  const { supabase } = fakeSupabase([
    ...[row("queued"), away(502), away(503), away(504), away(0), row("running")],
    ...[{ error: { code: "57P01" }, status: 500 }, row("succeeded", null, 1)],
  ]);
  assert.equal((await createJobForge(supabase).waitForJob(ID)).result, 1);
});

Deno.test("a failure that does not pass ends the wait", async () => {
  for (const [status, code] of [[401, "unauthenticated"], [403, "forbidden"], [500, "internal"]]) {
    const { supabase } = fakeSupabase([row("queued"), { error: {}, status: status as number }]);
    await assert.rejects(createJobForge(supabase).waitForJob(ID), { code, retryable: false });
  }
});

Deno.test("a job that ended otherwise has no result", async () => {
  const { supabase } = fakeSupabase([row("dead")]);
  const done = await createJobForge(supabase).waitForJob(ID);
  assert.deepEqual([done.status, done.result], ["dead", null]);
});

Deno.test("waiting gives up after its timeout, and states what it saw last", async () => {
  const { supabase } = fakeSupabase([row("queued"), row("queued")]);
  const waiting = createJobForge(supabase).waitForJob(ID, { timeoutMs: 1 });
  await assert.rejects(waiting, { code: "wait_timeout", message: /^the job is still queued/ });
  const away = { error: {}, status: 503 };
  const failing = createJobForge(fakeSupabase([away, away]).supabase);
  await assert.rejects(failing.waitForJob(ID, { timeoutMs: 1 }), {
    ...{ code: "wait_timeout", retryable: true, message: /^the last call failed with unavailable/ },
  });
});

Deno.test("waiting ends with its signal", async () => {
  const { supabase } = fakeSupabase([row("queued"), row("queued"), row("queued")]);
  const controller = new AbortController();
  const waiting = createJobForge(supabase).waitForJob(ID, { signal: controller.signal });
  setTimeout(() => controller.abort(new Error("left")), 20);
  await assert.rejects(waiting, { message: "left" });
});

Deno.test("a job that is not there is not_found at once", async () => {
  const { asked, supabase } = fakeSupabase([NOT_FOUND, NOT_FOUND]);
  const jobs = createJobForge(supabase);
  await assert.rejects(jobs.getJob(ID), { code: "not_found", status: 404 });
  await assert.rejects(jobs.waitForJob(ID), { code: "not_found" });
  assert.equal(asked.length, 2);
});

Deno.test("a job that was just enqueued may be visible a moment later", async () => {
  const { supabase } = fakeSupabase([ENQUEUED, NOT_FOUND, { data: [] }, row("succeeded")]);
  const jobs = createJobForge(supabase);
  const job = await jobs.enqueueJob("a", {});
  assert.equal((await jobs.waitForJob(job)).status, "succeeded");
});
