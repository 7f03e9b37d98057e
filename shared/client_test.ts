import assert from "node:assert/strict";
import { z } from "zod";
import type { SupabaseClient } from "@supabase/supabase-js";
import { createJobForge, type JobForgeViews, type JobRow } from "./client.ts";
import type { SupabaseLike, WithExactRows } from "./client.ts";
import { JOB_COLUMNS } from "./core/job/job_row.ts";
import { defineJob } from "./core/job/job_type.ts";
import type { Database } from "./database.types.ts";

const definitions = [
  defineJob({
    type: "mail.send",
    payload: z.strictObject({ to: z.string(), copies: z.int().default(1) }),
    result: z.object({ sent: z.int() }),
  }),
  defineJob({ type: "noop" }),
] as const;

type Answer = { data?: unknown; error?: unknown; status?: number };

/** A fake supabase-js client that answers each call with the next answer. */
function fakeSupabase(answers: Answer[]): { supabase: SupabaseLike; asked: unknown[] } {
  const asked: unknown[] = [];
  const next = () => {
    const { data = null, error = null, status = 200 } = answers.shift() ?? {};
    return Promise.resolve({ data, error, status });
  };
  const query: Record<string, unknown> = { abortSignal: next };
  for (const verb of ["eq", "lt", "order", "limit"]) query[verb] = () => query;
  return {
    asked,
    supabase: {
      rpc: (name: string, args: unknown) => (asked.push([name, args]), { abortSignal: next }),
      from: (table: string) => (asked.push(table), { select: () => query }),
    },
  };
}

const ENQUEUED = { data: [{ job_id: "j1", status: "queued", duplicate: false }] };

Deno.test("payloads and results have the types of the declarations", () => {
  const { supabase } = fakeSupabase([]);
  const jobs = createJobForge(supabase, { definitions });
  // Compiled, not run. Each line that must not compile expects an error.
  const compiled = async () => {
    const job = await jobs.enqueueJob("mail.send", { to: "a" });
    const done = await jobs.waitForJob(job);
    if (done.status === "succeeded") {
      const sent: number = done.result.sent;
      // @ts-expect-error: the result has no such member
      return [sent, done.result.other];
    }
    // @ts-expect-error: an unknown type
    await jobs.enqueueJob("mail.sent", { to: "a" });
    // @ts-expect-error: a payload that does not fit
    await jobs.enqueueJob("mail.send", { to: 1 });
    await jobs.enqueueJobs([{ type: "mail.send", payload: { to: "a" } }, {
      type: "noop",
      payload: null,
    }]);
    // @ts-expect-error: the payload belongs to another type
    await jobs.enqueueJobs([{ type: "mail.send", payload: null }]);
    return [];
  };
  assert.equal(typeof compiled, "function");
});

Deno.test("a supabase-js client of any database type is accepted", () => {
  const accepts = (typed: SupabaseClient<Database>, plain: SupabaseClient) => [
    createJobForge(typed, { definitions }),
    createJobForge(plain),
  ];
  assert.equal(typeof accepts, "function");
});

Deno.test("the columns a client reads are columns of the database", () => {
  type Columns = Database["public"]["Views"]["jobforge_jobs"]["Row"];
  const isColumn = (name: keyof JobRow): keyof Columns => name;
  assert.deepEqual(JOB_COLUMNS.split(",").map((name) => isColumn(name as keyof JobRow)).length, 18);
});

Deno.test("the exact rows have the columns of the generated ones, with values of their types", () => {
  type Generated = Database["public"]["Views"];
  type Same<Left, Right> = [Left, Right] extends [Right, Left] ? true : false;
  type NonNull<Row> = { [Name in keyof Row]: NonNullable<Row[Name]> };
  // Unknown stands for JSON.
  type Fits<Exact, Row> = {
    [Name in keyof Exact & keyof Row]: unknown extends Exact[Name] ? true
      : NonNullable<Exact[Name]> extends NonNullable<Row[Name]> ? true
      : false;
  }[keyof Exact & keyof Row];
  type Checks<Name extends keyof JobForgeViews> = [
    Same<keyof JobForgeViews[Name]["Row"], keyof Generated[Name]["Row"]>,
    Fits<NonNull<JobForgeViews[Name]["Row"]>, Generated[Name]["Row"]>,
  ];
  const jobs: Checks<"jobforge_jobs"> = [true, true];
  const attempts: Checks<"jobforge_job_attempts"> = [true, true];
  const views: Same<keyof JobForgeViews, keyof Generated> = true;
  assert.deepEqual([jobs, attempts, views], [[true, true], [true, true], true]);
});

Deno.test("with exact rows a query has columns that are null only where a row's are", () => {
  // Compiled, not run.
  const compiled = async (supabase: SupabaseClient<WithExactRows<Database>>) => {
    const { data } = await supabase.from("jobforge_jobs").select("id, status, started_at").single();
    const status:
      | "scheduled"
      | "queued"
      | "running"
      | "succeeded"
      | "failed"
      | "dead"
      | "canceled" = data!.status;
    // @ts-expect-error: a job that was not started has no such time
    const started: string = data!.started_at;
    const attempts = await supabase.from("jobforge_job_attempts").select("outcome");
    const outcomes: string[] = attempts.data!.map((row) => row.outcome);
    const queues = await supabase.from("jobforge_queues").select("queue, max_queued");
    const names: string[] = queues.data!.map((row) => row.queue);
    const made = await supabase.rpc("jobforge_enqueue_job", { p_type: "a" });
    return [status, started, outcomes, names, made];
  };
  assert.equal(typeof compiled, "function");
});

Deno.test("a payload that does not fit is refused before anything is sent", async () => {
  const { supabase, asked } = fakeSupabase([]);
  const jobs = createJobForge(supabase, { definitions });
  const wrong = { to: 1 } as unknown as { to: string };
  await assert.rejects(jobs.enqueueJob("mail.send", wrong), { code: "invalid_payload" });
  assert.deepEqual(asked, []);
});

Deno.test("a job is enqueued with its options and its tenant", async () => {
  const { supabase, asked } = fakeSupabase([ENQUEUED]);
  const jobs = createJobForge(supabase, { definitions, tenantId: "t1" });
  const job = await jobs.enqueueJob("mail.send", { to: "a" }, { queue: "slow", priority: -1 });
  assert.deepEqual(job, { job_id: "j1", status: "queued", duplicate: false, type: "mail.send" });
  const args = { p_type: "mail.send", p_payload: { to: "a" }, p_queue: "slow", p_priority: -1 };
  assert.deepEqual(asked, [["jobforge_enqueue_job", { ...args, p_tenant_id: "t1" }]]);
});

Deno.test("without definitions any type goes", async () => {
  const { supabase } = fakeSupabase([ENQUEUED]);
  const job = await createJobForge(supabase).enqueueJob("any.type", { a: 1 });
  assert.equal(job.type, "any.type");
});

Deno.test("an error of the database arrives with its stable code", async () => {
  const error = { code: "PT429", details: "queue_full", message: "full" };
  const { supabase } = fakeSupabase([{ error, status: 429 }]);
  const jobs = createJobForge(supabase);
  await assert.rejects(jobs.enqueueJob("a", {}), { code: "queue_full", status: 429 });
});

Deno.test("waiting reports progress as it changes and ends with the result", async () => {
  const { supabase } = fakeSupabase([
    { data: [{ status: "scheduled", progress: null }] },
    { data: [{ status: "queued", progress: null }] },
    { data: [{ status: "running", progress: { percent: 50 } }] },
    { data: [{ status: "running", progress: { percent: 50 } }] },
    { data: [{ status: "succeeded", progress: { percent: 100 } }] },
    { data: [{ result: { sent: 1 } }] },
  ]);
  const seen: unknown[] = [];
  const onProgress = (progress: unknown) => void seen.push(progress);
  const done = await createJobForge(supabase).waitForJob("j1", { onProgress });
  assert.deepEqual([done.status, done.result], ["succeeded", { sent: 1 }]);
  assert.deepEqual(seen, [{ percent: 50 }, { percent: 100 }]);
});

Deno.test("a job that ended otherwise has no result", async () => {
  const { supabase } = fakeSupabase([{ data: [{ status: "dead", progress: null }] }]);
  const done = await createJobForge(supabase).waitForJob("j1");
  assert.deepEqual([done.status, done.result], ["dead", null]);
});

Deno.test("waiting gives up after its timeout", async () => {
  const queued = { data: [{ status: "queued", progress: null }] };
  const { supabase } = fakeSupabase([queued, queued, queued]);
  const waiting = createJobForge(supabase).waitForJob("j1", { timeoutMs: 1 });
  await assert.rejects(waiting, { code: "wait_timeout" });
});

Deno.test("waiting ends with its signal", async () => {
  const queued = { data: [{ status: "queued", progress: null }] };
  const { supabase } = fakeSupabase([queued, queued, queued]);
  const controller = new AbortController();
  const waiting = createJobForge(supabase).waitForJob("j1", { signal: controller.signal });
  setTimeout(() => controller.abort(new Error("left")), 20);
  await assert.rejects(waiting, { message: "left" });
});

Deno.test("a job that is not there is not_found", async () => {
  const { supabase } = fakeSupabase([{ data: [] }, { data: [] }]);
  const jobs = createJobForge(supabase);
  await assert.rejects(jobs.getJob("j1"), { code: "not_found", status: 404 });
  await assert.rejects(jobs.waitForJob("j1"), { code: "not_found" });
});
