import assert from "node:assert/strict";
import * as z from "zod";
import { createJobForge } from "./client.ts";
import { defineJob, handle, PermanentError, PostponeError, RetryError } from "./index.ts";
import {
  assertEnqueued,
  assertNotEnqueued,
  FakeClock,
  recordJobs,
  runJob,
  runJobToEnd,
} from "./testing.ts";

const mail = defineJob({
  type: "mail.send",
  payload: z.object({ to: z.string(), tags: z.array(z.string()).default([]) }),
  maxAttempts: 3,
  timeoutMs: 60_000,
  backoff: { baseMs: 2_000, capMs: 3_000 },
});
const TENANT = "11111111-1111-4111-8111-111111111111";
const outcomes = (runs: { outcome: string; startedAt: string }[]) =>
  runs.map(({ outcome, startedAt }) => `${outcome} ${startedAt.slice(14, 19)}`);

Deno.test("the clock of a test ends an attempt that takes too long, without a wait", async () => {
  const clock = new FakeClock();
  const running = runJob(
    handle(mail, (_, { signal }) => clock.sleep(120_000, signal)),
    { to: "a" },
    { clock },
  );
  await clock.advance(59_999);
  assert.equal(await Promise.race([running, Promise.resolve("runs")]), "runs");
  await clock.advance(1);
  assert.equal((await running).outcome, "timed_out");
});

Deno.test("timers of a clock run in their order and at their times, and can be taken back", async () => {
  const clock = new FakeClock("2026-03-01T00:00:00Z");
  const seen: string[] = [];
  const note = () => seen.push(clock.now().toISOString().slice(14, 19));
  clock.setTimer(note, 9_000);
  clock.setTimer(() => clock.setTimer(note, 1_000), 4_000);
  clock.setTimer(note, 6_000)();
  clock.setTimer(note, 60_000);
  await clock.advance(10_000);
  assert.deepEqual(seen, ["00:05", "00:09"]);
  assert.equal(clock.now().toISOString(), "2026-03-01T00:00:10.000Z");
});

Deno.test("a job runs until its attempts are used up, with its backoff in between", async () => {
  const runs = await runJobToEnd(
    handle(mail, () => {
      throw new Error("no");
    }),
    { to: "a" },
    { clock: new FakeClock() },
  );
  assert.deepEqual(outcomes(runs), ["errored 00:00", "errored 00:02", "errored 00:05"]);
});

Deno.test("a job waits as its handler chooses, and a postponement uses up no attempt", async () => {
  const clock = new FakeClock();
  let call = 0;
  const steps = [
    () => new PostponeError("closed", { afterMs: 10_000 }),
    () => new RetryError("busy", { afterMs: 5_000 }),
    () => new PermanentError("gone"),
  ];
  const runs = await runJobToEnd(
    handle(mail, () => {
      throw steps[call++]!();
    }),
    { to: "a" },
    { clock },
  );
  assert.deepEqual(outcomes(runs), ["released 00:00", "errored 00:10", "failed 00:15"]);
  assert.deepEqual(runs.map(({ attempt }) => attempt), [1, 1, 2]);
});

Deno.test("a job that is postponed forever is given up", async () => {
  const handler = handle(mail, () => {
    throw new PostponeError("closed", { afterMs: 1 });
  });
  // No timer is set in between, so this takes no real time.
  const clock = new FakeClock();
  const still = { now: () => clock.now(), setTimer: () => () => {}, advance: async () => {} };
  await assert.rejects(runJobToEnd(handler, { to: "a" }, { clock: still }), /within 1000 runs/);
});

Deno.test("assertEnqueued finds a job by a part of its payload and its options", async () => {
  const recorder = recordJobs();
  const jobforge = createJobForge(recorder.supabase, { definitions: [mail], tenantId: TENANT });
  const first = await jobforge.enqueueJob("mail.send", { to: "ada", tags: ["a", "b"] });
  assert.equal(first.status, "queued");
  const batch = await jobforge.enqueueJobs([
    { type: "mail.send", payload: { to: "eva" }, runAt: "2026-03-01T08:00:00Z" },
    { type: "mail.send", payload: { to: "bob" }, queue: "slow" },
  ]);
  assert.deepEqual(batch.map(({ status }) => status), ["scheduled", "queued"]);
  const found = assertEnqueued(recorder, "mail.send", { payload: { tags: ["a", "b"] } });
  assert.deepEqual([found.jobId, found.tenantId], [first.jobId, TENANT]);
  assertEnqueued(recorder, "mail.send", { runAt: "2026-03-01T08:00:00Z", payload: { to: "eva" } });
  assertEnqueued(recorder, "mail.send", { queue: "slow" });
  assertNotEnqueued(recorder, "mail.send", { payload: { to: "nobody" } });
  assert.throws(() => assertNotEnqueued(recorder, "mail.send", { queue: "slow" }), /"to":"bob"/);
  for (const payload of [{ tags: ["a"] }, { to: "ad" }, { more: 1 }]) {
    assert.throws(
      () => assertEnqueued(recorder, "mail.send", { payload }),
      /no job mail\.send with \{"payload":.* was enqueued\. There are:\n {2}mail\.send \{.*"ada"/,
    );
  }
  assert.throws(() => assertEnqueued(recordJobs(), "mail.send"), /no job mail\.send was enqueued/);
});

Deno.test("a recorder checks payloads, and gives the same job for the same key", async () => {
  const recorder = recordJobs();
  const jobforge = createJobForge(recorder.supabase, { definitions: [mail] });
  const wrong = jobforge.enqueueJob("mail.send", { to: 1 as unknown as string });
  await assert.rejects(wrong, { code: "invalid_payload" });
  const key = { idempotencyKey: "one" };
  const first = await jobforge.enqueueJob("mail.send", { to: "ada" }, key);
  const second = await jobforge.enqueueJob("mail.send", { to: "ada" }, key);
  assert.deepEqual([second.jobId, second.duplicate], [first.jobId, true]);
  assert.equal(recorder.jobs.length, 1);
  await assert.rejects(jobforge.getJob(first), /only takes enqueues, and jobforge_get_job/);
});
