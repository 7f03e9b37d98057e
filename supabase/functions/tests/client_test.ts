import assert from "node:assert/strict";
import type { ScheduleSettings } from "../../../shared/client.ts";
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

    await t.step("lists page by page, or all of them, newest first", async () => {
      const made = await acme.enqueueJobs(
        Array.from({ length: 5 }, () => ({ type: "system.noop", payload: null }) as const),
      );
      const ids = made.map((job) => job.jobId).toReversed();
      const list = acme.listJobs({ type: "system.noop" });
      const first = await list.page({ limit: 3 });
      assert.deepEqual(first.jobs.map((job) => job.id), ids.slice(0, 3));
      const next = await list.page({ from: first.next, limit: 3 });
      assert.deepEqual(next.jobs.map((job) => job.id), ids.slice(3));
      assert.equal(next.next, null);
      const all: string[] = [];
      for await (const job of list) all.push(job.id);
      assert.deepEqual(all, ids);
    });

    await t.step("a queued job is canceled at once, and may be retried", async () => {
      const runAt = new Date(Date.now() + 3_600_000);
      const job = await acme.enqueueJob("system.noop", null, { runAt });
      assert.deepEqual(await acme.cancelJob(job), { status: "canceled", cancelRequested: true });
      assert.equal((await acme.waitForJob(job)).status, "canceled");
      await acme.retryJob(job);
      assert.equal((await acme.waitForJob(job, { timeoutMs: 30_000 })).status, "succeeded");
    });

    await t.step("a job that waits is explained and moved", async () => {
      const runAt = new Date(Date.now() + 3_600_000);
      const job = await acme.enqueueJob("system.noop", null, { runAt });
      const why = await acme.explainJob(job);
      assert.deepEqual([why.reason, Date.parse(why.earliestAt!)], ["scheduled", runAt.getTime()]);
      const moved = await acme.rescheduleJob(job, new Date());
      assert.equal(moved.status, "queued");
      assert.equal((await acme.waitForJob(job, { timeoutMs: 30_000 })).status, "succeeded");
    });

    await t.step("jobs are changed by filter, after a dry run", async () => {
      const runAt = new Date(Date.now() + 3_600_000);
      const entry = { type: "system.probe", payload: {}, runAt } as const;
      await acme.enqueueJobs([entry, entry, entry]);
      const filter = { type: "system.probe", status: ["scheduled"] } as const;
      const dry = await acme.cancelJobs(filter);
      assert.deepEqual([dry.dryRun, dry.count, dry.sample[0]?.status], [true, 3, "scheduled"]);
      const two = await acme.cancelJobs(filter, { dryRun: false, limit: 2 });
      assert.deepEqual([two.dryRun, two.count, two.more], [false, 2, true]);
      const rest = await acme.cancelJobs(filter, { dryRun: false });
      assert.deepEqual([rest.count, rest.more], [1, false]);
      const again = await acme.retryJobs({ status: "canceled", type: "system.probe" });
      assert.equal(again.count, 3);
    });

    await t.step("a schedule is made, changed, listed, run and deleted", async () => {
      const settings: ScheduleSettings = {
        ...{ expression: "0 3 * * *", timeZone: "Europe/Berlin", type: "system.noop" },
        ...{ payload: { id: 1970670598291982290n }, catchUp: "skip" },
      };
      const made = await acme.configureSchedule("nightly", settings);
      assert.deepEqual([made.tenantId, made.catchUp], [ACME, "skip"]);
      assert.deepEqual(made.payload, { id: 1970670598291982290n });
      const paused = await acme.configureSchedule("nightly", { paused: true });
      assert.deepEqual([paused.id, paused.paused, paused.expression], [
        ...[made.id, true, "0 3 * * *"],
      ]);
      const listed = [];
      for await (const schedule of acme.listSchedules()) listed.push(schedule);
      assert.deepEqual(listed.map(({ name, payload }) => [name, payload]), [
        ["nightly", { id: 1970670598291982290n }],
      ]);
      const { jobId } = await acme.runSchedule(made.id);
      const done = await acme.waitForJob(jobId!, { timeoutMs: 30_000 });
      assert.equal(done.status, "succeeded");
      assert.deepEqual((await acme.getJob(jobId!)).payload, { id: 1970670598291982290n });
      const times = await acme.nextOccurrences(made.id, { count: 3 });
      assert.ok(times.every((time) => !Number.isNaN(Date.parse(time))));
      await acme.deleteSchedule(made.id);
      await assert.rejects(acme.runSchedule(made.id), { code: "not_found" });
    });

    await t.step("errors have stable codes", async () => {
      const unknown = "00000000-0000-7000-8000-000000000000";
      await assert.rejects(acme.getJob(unknown), { code: "not_found" });
      await assert.rejects(acme.cancelJob(unknown), { code: "not_found", status: 404 });
      const done = await acme.enqueueJob("system.noop", null);
      await acme.waitForJob(done, { timeoutMs: 30_000 });
      await assert.rejects(acme.cancelJob(done), { code: "wrong_state", status: 409 });
    });

    await t.step("one tenant's user neither sees nor touches another's jobs", async () => {
      const globex = await stage.userJobs(GLOBEX);
      const job = await acme.enqueueJob("system.noop", null);
      await assert.rejects(globex.getJob(job), { code: "not_found" });
      await assert.rejects(globex.cancelJob(job), { code: "not_found" });
      assert.deepEqual(await globex.listJobs().page(), { jobs: [], next: null });
    });
  }));
