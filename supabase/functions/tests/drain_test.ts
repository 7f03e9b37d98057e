import assert from "node:assert/strict";
import { openDataApi } from "../../../shared/adapters/data_api/open_data_api.ts";
import { openRunQueue, startRun } from "../../../shared/adapters/data_api/run_queue.ts";
import { keyHeaders } from "../../../shared/core/http/credential.ts";
import { withoutLeaks } from "./leaks.ts";
import { ACME, eventually, GLOBEX, onStage, pause, type Stage } from "./stage.ts";

const noop = { type: "system.noop", payload: {} } as const;

interface AttemptRow {
  attempt_no: number;
  outcome: string;
  error: { code: string; message: string } | null;
}

async function attemptsOf(stage: Stage, jobId: string): Promise<AttemptRow[]> {
  return await stage.sql<AttemptRow[]>`
    select attempt_no, outcome, error from public.jobforge_job_attempts
    where job_id = ${jobId} order by attempt_no`;
}

Deno.test("the worker on a real database", (t) =>
  onStage(async (stage) => {
    const jobs = stage.jobs();

    await t.step("attempts that fail are recorded, then the job succeeds", async () => {
      const job = await jobs.enqueueJob("system.probe", {
        fail_attempts: 2,
        fail_with: "retry",
        retry_after_ms: 50,
      });
      const done = await jobs.waitForJob(job, { timeoutMs: 30_000 });
      assert.equal(done.result?.attempt, 3);
      const attempts = await attemptsOf(stage, job.jobId);
      assert.deepEqual(attempts.map((attempt) => [attempt.attempt_no, attempt.outcome]), [
        ...[[1, "errored"], [2, "errored"], [3, "succeeded"]],
      ]);
      assert.equal(attempts[0]?.error?.code, "probe_retry");
    });

    await t.step("a job whose attempts are used up is dead, and can be retried", async () => {
      const probe = { fail_attempts: 2, fail_with: "retry", retry_after_ms: 20 } as const;
      const job = await jobs.enqueueJob("system.probe", probe, { maxAttempts: 2 });
      const dead = await jobs.waitForJob(job, { timeoutMs: 30_000 });
      assert.equal(dead.status, "dead");
      assert.equal(dead.lastError?.code, "probe_retry");
      await jobs.retryJob(job);
      await jobs.waitForJob(job, { timeoutMs: 30_000 });
      assert.ok((await attemptsOf(stage, job.jobId)).length > 2);
    });

    await t.step("a permanent failure is not tried again", async () => {
      const probe = { fail_attempts: 9, fail_with: "permanent" } as const;
      const job = await jobs.enqueueJob("system.probe", probe);
      const failed = await jobs.waitForJob(job, { timeoutMs: 30_000 });
      assert.deepEqual([failed.status, failed.attempts], ["failed", 1]);
    });

    await t.step("a job that fits no schema fails, one of an unknown type waits", async () => {
      const args = { p_tenant_id: ACME, p_type: "system.probe", p_payload: { work_ms: "planted" } };
      const [wrong] = await (await stage.rpc("jobforge_enqueue_job", args)).json();
      const unknown = { p_tenant_id: ACME, p_type: "no.such", p_max_attempts: 1 };
      const [missing] = await (await stage.rpc("jobforge_enqueue_job", unknown)).json();
      const failed = await jobs.waitForJob(wrong.job_id, { timeoutMs: 30_000 });
      assert.equal(failed.lastError?.code, "invalid_payload");
      assert.doesNotMatch(failed.lastError.message, /planted/);
      await eventually("a run that set it aside", async () => {
        const [row] = await stage.sql`select from jobforge.unclaimed where id = ${missing.job_id}`;
        return row;
      });
      const waiting = await jobs.getJob(missing.job_id);
      assert.deepEqual([waiting.status, waiting.attempts], ["queued", 0]);
      await jobs.cancelJob(missing.job_id);
    });

    await t.step(
      "a running job is canceled, reports until then, and leaves no result",
      async () => {
        const job = await jobs.enqueueJob("system.probe", { work_ms: 60_000, steps: 600 });
        await eventually("progress", async () => (await jobs.getJob(job)).progress || undefined);
        const answer = await jobs.cancelJob(job);
        assert.deepEqual(answer, { status: "running", cancelRequested: true });
        const done = await jobs.waitForJob(job, { timeoutMs: 30_000 });
        assert.deepEqual([done.status, done.result], ["canceled", null]);
      },
    );

    await t.step("a job that ignores its timeout is recorded as timed out", async () => {
      const probe = { work_ms: 20_000, ignore_signal: true };
      const options = { timeoutMs: 300, maxAttempts: 1 };
      const job = await jobs.enqueueJob("system.probe", probe, options);
      const done = await jobs.waitForJob(job, { timeoutMs: 30_000 });
      assert.equal(done.status, "dead");
      const [attempt] = await attemptsOf(stage, job.jobId);
      assert.equal(attempt?.outcome, "timed_out");
    });

    await t.step("tenants share one run, each sees its own jobs", async () => {
      const both = [stage.jobs(ACME), stage.jobs(GLOBEX)];
      const made = await Promise.all(both.map((own) => own.enqueueJob("system.noop", null)));
      const [acme, globex] = both;
      await acme!.waitForJob(made[0]!, { timeoutMs: 30_000 });
      await globex!.waitForJob(made[1]!, { timeoutMs: 30_000 });
      await assert.rejects(acme!.getJob(made[1]!), { code: "not_found" });
    });

    await t.step("a thousand jobs cost a few calls and a line", async () => {
      const lines = stage.stack.logs("worker").length;
      const batch = Array.from(
        { length: 1_000 },
        () => ({ type: "system.noop", payload: {} }) as const,
      );
      const made = await jobs.enqueueJobs(batch);
      await jobs.waitForJob(made.at(-1)!, { timeoutMs: 30_000 });
      await eventually("all of them", async () => {
        const [row] = await stage.sql`
          select count(*)::int as left from public.jobforge_jobs 
          where status in ('scheduled', 'queued', 'running')`;
        return row!.left === 0 || undefined;
      });
      assert.ok(stage.stack.logs("worker").length - lines < 30);
    });

    await t.step("an idle worker makes no calls at all", async () => {
      await eventually("no live run", async () => {
        const health = await (await stage.call("worker/health", {})).json();
        return health.live_runs === 0 || undefined;
      });
      const state = async () =>
        await stage.sql`
          select (select count(*) from jobforge.runs) as runs,
            (select count(*) from net._http_response) as calls`;
      const before = await state();
      await pause(3_000);
      assert.deepEqual(await state(), before);
    });

    await t.step("jobs of a claim whose reply got lost are handed back", async () => {
      const { url: supabaseUrl, secretKey } = stage.stack;
      const api = openDataApi({ supabaseUrl, headers: keyHeaders(secretKey) });
      const queue = openRunQueue(api);
      // A paused queue keeps the real worker away until the jobs are claimed here.
      await stage.sql`select jobforge_configure_queue(${ACME}, 'default', '{"paused": true}')`;
      const made = await jobs.enqueueJobs([noop, noop, noop]);
      const request = {
        runId: null,
        ticket: null,
        worker: "test",
        capacity: 5,
        types: [],
        kind: "edge" as const,
      };
      const runId = await startRun(api, request);
      // Without the wake-up that would call the real worker.
      await stage.sql`update public.jobforge_queues set paused = false where tenant_id = ${ACME}`;
      await stage.sql`update jobforge.queues set runnable = true where tenant_id = ${ACME}`;
      const { jobs: claimed } = await queue.settleAndClaim(runId, {
        ...{ outcomes: [], progress: [], limit: 3, maxBytes: 1_000 },
      });
      assert.equal(claimed.length, 3);
      const known = new Set([claimed[0]!.id]);
      assert.equal(await queue.releaseUnknown(runId, known), 2);
      assert.equal(await queue.releaseUnknown(runId, known), 0);
      await queue.finish(runId, "shutdown", 0);
      for (const job of made) await jobs.waitForJob(job, { timeoutMs: 30_000 });
    });

    await t.step("an operator's key starts a run, a used ticket does not", async () => {
      const { secretKey } = stage.stack;
      const url = `${stage.stack.url}/functions/v1/worker`;
      const headers = { apikey: secretKey };
      const started = await withoutLeaks(await fetch(url, { method: "POST", headers }));
      assert.equal(started.status, 202);
      assert.ok((await started.json()).run_id > 0);
      const ticket = { run_id: 1, ticket: "00".repeat(32) };
      const refused = await stage.call("worker", { apikey: secretKey }, ticket);
      assert.equal(refused.status, 401);
      assert.equal((await refused.json()).code, "ticket_refused");
    });

    await t.step("no log line holds a payload, a result or a key", () => {
      const lines = [...stage.stack.logs("worker"), ...stage.stack.logs("enqueue")].join("\n");
      assert.doesNotMatch(lines, /planted|sb_secret|sb_publishable|eyJ|crate|harbour/);
      return Promise.resolve();
    });
  }));
