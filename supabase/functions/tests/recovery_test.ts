import assert from "node:assert/strict";
import { ACME, eventually, onStage, type Stage } from "./stage.ts";

const LONG = { work_ms: 60_000, steps: 60 };

async function statusOf(stage: Stage, jobId: string) {
  const [row] = await stage.sql`
    select status, attempts, lease_expiries,
      (select run_id::int from jobforge.leases where id = any (ids)) as run_id
    from public.jobforge_jobs where id = ${jobId}`;
  return row as { status: string; attempts: number; run_id: number | null; lease_expiries: number };
}

async function isRunning(stage: Stage, jobId: string, attempts = 1): Promise<number> {
  return await eventually("the job running", async () => {
    const job = await statusOf(stage, jobId);
    return job.attempts === attempts ? job.run_id ?? undefined : undefined;
  });
}

/** Ends the lease of a run now, and calls the dispatcher. */
async function expire(stage: Stage, runId: number): Promise<void> {
  await stage.sql`
    update jobforge.runs set lease_expires_at = now() - interval '1 second' where id = ${runId}`;
  await stage.sql`select jobforge.dispatch()`;
}

Deno.test("jobs of a worker that was killed run again", () =>
  onStage(async (stage) => {
    const jobs = stage.jobs();
    const job = await jobs.enqueueJob("system.probe", { work_ms: 3_000 });
    const runId = await isRunning(stage, job.jobId);
    Deno.kill(stage.stack.functionPids().worker!, "SIGKILL");
    await expire(stage, runId);
    const done = await jobs.waitForJob(job, { timeoutMs: 40_000 });
    assert.deepEqual([done.status, done.result?.attempt], ["succeeded", 2]);
    const attempts = await stage.sql`
      select outcome from public.jobforge_job_attempts where job_id = ${job.jobId}
      order by attempt_no`;
    assert.deepEqual(attempts.map((attempt) => attempt.outcome), ["lease_expired", "succeeded"]);
  }));

Deno.test("a worker that lost its run stops, and its outcomes are void", () =>
  onStage(async (stage) => {
    const jobs = stage.jobs();
    const job = await jobs.enqueueJob("system.probe", { work_ms: 8_000, steps: 8 });
    const runId = await isRunning(stage, job.jobId);
    await expire(stage, runId);
    await eventually("the old run to stop", () => {
      const lines = stage.stack.logs("worker").filter((line) => line.includes('"run_ended"'));
      return Promise.resolve(lines.some((line) => line.includes(`"run_id":${runId}`)) || undefined);
    });
    const late = await stage.rpc("jobforge_settle_and_claim", { p_run_id: runId });
    assert.equal(late.status, 410);
    const done = await jobs.waitForJob(job, { timeoutMs: 40_000 });
    assert.deepEqual([done.status, done.result?.attempt], ["succeeded", 2]);
  }));

Deno.test("a worker that is shut down hands its jobs back at once, attempts unspent", () =>
  onStage(async (stage) => {
    const jobs = stage.jobs();
    const job = await jobs.enqueueJob("system.probe", LONG);
    const quick = await jobs.enqueueJob("system.probe", { echo: 1 });
    const runId = await isRunning(stage, job.jobId);
    await jobs.waitForJob(quick, { timeoutMs: 30_000 });
    await stage.stack.restartFunction("worker");
    const [run] = await stage.sql`select state, end_reason from jobforge.runs where id = ${runId}`;
    assert.deepEqual([run?.state, run?.end_reason], ["finished", "shutdown"]);
    const next = await eventually("another run to take it", async () => {
      const { run_id } = await statusOf(stage, job.jobId);
      return run_id !== null && run_id !== runId ? run_id : undefined;
    });
    assert.ok(next > runId);
    const { attempts, lease_expiries } = await statusOf(stage, job.jobId);
    assert.deepEqual([attempts, lease_expiries], [1, 0]);
    await jobs.cancelJob(job);
  }));

Deno.test("at the end of its wall clock a run hands over to the next", () =>
  onStage(async (stage) => {
    const jobs = stage.jobs();
    const batch = Array.from(
      { length: 60 },
      () => ({ type: "system.probe", payload: { work_ms: 800 } }) as const,
    );
    const made = await jobs.enqueueJobs(batch);
    for (const job of made) {
      const done = await jobs.waitForJob(job, { timeoutMs: 60_000 });
      assert.equal(done.status, "succeeded");
    }
    const reasons = await stage.sql`
      select distinct end_reason from jobforge.runs where end_reason is not null`;
    assert.ok(reasons.some((row) => row.end_reason === "wall_clock"));
  }, { JOBFORGE_WALL_CLOCK_MS: "3000", JOBFORGE_CONCURRENCY: "5" }));

Deno.test("no job is lost or doubled while workers are killed", () =>
  onStage(async (stage) => {
    const jobs = stage.jobs();
    const batch = Array.from({ length: 300 }, (_, n) =>
      ({ type: "system.probe", payload: { work_ms: 20, echo: n } }) as const);
    await jobs.enqueueJobs(batch);
    for (let kill = 0; kill < 3; kill++) {
      await eventually("something to kill", async () => {
        const [row] = await stage.sql`
          select count(*)::int as held from public.jobforge_jobs where status = 'running'`;
        return row!.held > 0 || undefined;
      });
      const pid = stage.stack.functionPids().worker;
      if (pid !== undefined) {
        Deno.kill(pid, "SIGKILL");
      }
      await stage.sql`
        update jobforge.runs set lease_expires_at = now() - interval '1 second'
        where state = 'live'`;
      await stage.sql`select jobforge.dispatch()`;
    }
    await eventually("the end of all", async () => {
      const [row] = await stage.sql`
        select count(*)::int as left from public.jobforge_jobs where status <> 'succeeded'`;
      return row!.left === 0 || undefined;
    });
    const [results] = await stage.sql`
      select count(*)::int as rows, count(distinct result -> 'echo')::int as echoes
      from public.jobforge_job_results where tenant_id = ${ACME}`;
    assert.deepEqual([results!.rows, results!.echoes], [300, 300]);
  }));
