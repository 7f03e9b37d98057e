import assert from "node:assert/strict";
import { ACME, GLOBEX, onStage } from "./stage.ts";

Deno.test("the client library on a real database", (t) =>
  onStage(async (stage) => {
    const acme = await stage.userJobs(ACME);

    await t.step("a user enqueues, watches and gets a typed result", async () => {
      const job = await acme.enqueueJob("system.probe", { work_ms: 2_500, steps: 25, echo: [1] });
      const seen: unknown[] = [];
      const done = await acme.waitForJob(job, {
        timeoutMs: 30_000,
        onProgress: (progress) => void seen.push(progress),
      });
      assert.equal(done.status, "succeeded");
      const attempt: number | undefined = done.result?.attempt;
      assert.equal(attempt, 1);
      assert.ok(seen.length > 0);
    });

    await t.step("lists page by page, newest first", async () => {
      const made = await acme.enqueueJobs(
        Array.from({ length: 5 }, () => ({ type: "system.noop", payload: null }) as const),
      );
      const ids = made.map((job) => job.job_id).toReversed();
      const first = await acme.listJobs({ type: "system.noop", limit: 3 });
      assert.deepEqual(first.map((job) => job.id), ids.slice(0, 3));
      const next = await acme.listJobs({ type: "system.noop", before: first[2]!.id });
      assert.deepEqual(next.map((job) => job.id), ids.slice(3));
    });

    await t.step("a queued job is canceled at once, and may be retried", async () => {
      const run_at = new Date(Date.now() + 3_600_000).toISOString();
      const job = await acme.enqueueJob("system.noop", null, { run_at });
      assert.deepEqual(await acme.cancelJob(job.job_id), {
        status: "canceled",
        cancel_requested: true,
      });
      assert.equal((await acme.waitForJob(job)).status, "canceled");
      await acme.retryJob(job.job_id);
      assert.equal((await acme.waitForJob(job, { timeoutMs: 30_000 })).status, "succeeded");
    });

    await t.step("errors have stable codes", async () => {
      const unknown = "00000000-0000-7000-8000-000000000000";
      await assert.rejects(acme.getJob(unknown), { code: "not_found" });
      await assert.rejects(acme.cancelJob(unknown), { code: "not_found", status: 404 });
      const done = await acme.enqueueJob("system.noop", null);
      await acme.waitForJob(done, { timeoutMs: 30_000 });
      await assert.rejects(acme.cancelJob(done.job_id), { code: "wrong_state", status: 409 });
    });

    await t.step("one tenant's user neither sees nor touches another's jobs", async () => {
      const globex = await stage.userJobs(GLOBEX);
      const job = await acme.enqueueJob("system.noop", null);
      await assert.rejects(globex.getJob(job.job_id), { code: "not_found" });
      await assert.rejects(globex.cancelJob(job.job_id), { code: "not_found" });
      assert.deepEqual(await globex.listJobs(), []);
    });
  }));
