import assert from "node:assert/strict";
import * as z from "zod";
import type { SupabaseClient } from "@supabase/supabase-js";
import { createJobForge, type FullJobRow, type Job, type JobForgeViews } from "./client.ts";
import type { WithExactRows } from "./client.ts";
import { ENQUEUED, fakeSupabase, ID, NOT_FOUND } from "./client/fake_supabase.ts";
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

Deno.test("a job has a member for each column of the database but its payload", () => {
  type Columns = Database["public"]["Views"]["jobforge_jobs"]["Row"];
  type Camel<Name> = Name extends `${infer Head}_${infer Rest}`
    ? `${Head}${Capitalize<Camel<Rest>>}`
    : Name;
  type Same<Left, Right> = [Left, Right] extends [Right, Left] ? true : false;
  const same: Same<Camel<Exclude<keyof Columns, "payload">>, keyof Job> = true;
  assert.equal(same, true);
});

Deno.test("a job of the client is null exactly where a row of the database is", () => {
  type Camel<Name> = Name extends `${infer Head}_${infer Rest}`
    ? `${Head}${Capitalize<Camel<Rest>>}`
    : Name;
  type Row = { [Name in keyof FullJobRow as Camel<Name>]: FullJobRow[Name] };
  type Same<Left, Right> = [Left, Right] extends [Right, Left] ? true : false;
  const same: Same<Required<Omit<Row, "payload">>, Job> = true;
  assert.equal(same, true);
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

Deno.test("a job is enqueued with its options and its tenant", async () => {
  const { supabase, asked } = fakeSupabase([ENQUEUED]);
  const jobs = createJobForge(supabase, { definitions, tenantId: ID });
  const runAt = new Date(0);
  const job = await jobs.enqueueJob("mail.send", { to: "a" }, { queue: "slow", runAt });
  assert.deepEqual(job, { jobId: ID, status: "queued", duplicate: false, type: "mail.send" });
  const time = "1970-01-01T00:00:00.000Z";
  const args = { p_type: "mail.send", p_payload: { to: "a" }, p_queue: "slow", p_run_at: time };
  assert.deepEqual(asked, [["jobforge_enqueue_job", { ...args, p_tenant_id: ID }]]);
});

Deno.test("a misspelled option is named, with those that there are", async () => {
  const { supabase, asked } = fakeSupabase([]);
  const jobs = createJobForge(supabase);
  const wrong = (name: string) => ({ [name]: 1 }) as Record<string, never>;
  const refused = (call: unknown, message: RegExp) =>
    assert.rejects(Promise.resolve().then(call as () => unknown), {
      code: "invalid_argument",
      message,
    });
  await refused(
    () => jobs.enqueueJob("a", {}, wrong("max_attempts")),
    /^unknown option max_attempts: there are idempotencyKey, .*, maxAttempts, /,
  );
  const batch = [{ type: "a", payload: {}, ...wrong("runat") }];
  await refused(() => jobs.enqueueJobs(batch), /^unknown option of jobs\.0 runat: there are /);
  await refused(
    () => jobs.waitForJob(ID, wrong("timeout")),
    /^unknown option timeout: .*timeoutMs/,
  );
  await refused(() => jobs.listJobs(wrong("state")), /^unknown filter state: there are status, /);
  await refused(() => jobs.retryJobs({}, wrong("dry_run")), /^unknown option dry_run: .*dryRun/);
  await refused(() => jobs.configureSchedule("s", wrong("cron")), /^unknown setting cron: /);
  await refused(() => jobs.cancelJob(ID, wrong("force")), /^unknown option force: /);
  await refused(() => createJobForge(supabase, wrong("tenant")), /^unknown option tenant: /);
  assert.deepEqual(asked, []);
});

Deno.test("what is no job is refused before anything is sent", async () => {
  const { supabase, asked } = fakeSupabase([]);
  const jobs = createJobForge(supabase);
  for (const job of ["j1", "", undefined, null, {}, { jobId: 1 }]) {
    await assert.rejects(async () => await jobs.getJob(job as string), {
      code: "invalid_argument",
      message: "a job must be a job ID (a UUID) or a job",
    });
  }
  assert.deepEqual(asked, []);
});

Deno.test("an invalid option is refused before anything is sent, by its name", async () => {
  const { supabase, asked } = fakeSupabase([]);
  const jobs = createJobForge(supabase);
  const refused = async (call: () => unknown, message: RegExp) =>
    await assert.rejects(async () => await call(), { code: "invalid_argument", message });
  const time = /^runAt must be a Date or ISO 8601 with an offset, such as/;
  for (const runAt of [new Date("x"), "tomorrow", "2026-01-12T09:00:00", "01/12/2026"]) {
    await refused(() => jobs.enqueueJob("a", {}, { runAt }), time);
  }
  const text = "high" as unknown as number;
  await refused(() => jobs.enqueueJob("a", {}, { priority: text }), /^priority must be an integer/);
  await refused(
    () => jobs.enqueueJob("a", {}, null!),
    /^each option must be a member of an object/,
  );
  await refused(() => jobs.enqueueJobs({} as []), /^jobs must be an array/);
  await refused(() => jobs.listJobs().page({ from: "x" }), /^from must be a UUID/);
  await refused(() => jobs.runSchedule("nightly"), /^the ID of a schedule must be a UUID/);
  await refused(() => createJobForge(supabase, { tenantId: "acme" }), /^tenantId must be a UUID/);
  const promise = Promise.resolve(ID) as unknown as string;
  await refused(() => jobs.waitForJob(promise), /not a promise: await it first/);
  assert.deepEqual(asked, []);
});

Deno.test("an error of the database names the options of the client", async () => {
  const said = (message: string) => ({ error: { details: "invalid_argument", message } });
  const { supabase } = fakeSupabase([
    said("job 0: max_attempts must be from 1 to 1000"),
    said("p_tenant_id is missing: a service names the tenant"),
  ]);
  const jobs = createJobForge(supabase);
  const one = { message: "maxAttempts must be from 1 to 1000" };
  await assert.rejects(jobs.enqueueJob("a", {}), one);
  const two = { message: "tenantId is missing: a service names the tenant" };
  await assert.rejects(jobs.getJob(ID), two);
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
  const wanted = { code: "queue_full", status: 429, retryable: true };
  await assert.rejects(jobs.enqueueJob("a", {}), wanted);
});

Deno.test("an error that stays the same is not retryable", async () => {
  const { supabase } = fakeSupabase([NOT_FOUND]);
  const jobs = createJobForge(supabase);
  await assert.rejects(jobs.getJob(ID), { code: "not_found", retryable: false });
});

Deno.test("a batch whose reply max_rows has cut is an error that states so", async () => {
  const { supabase } = fakeSupabase([ENQUEUED]);
  const two = [{ type: "a", payload: {} }, { type: "b", payload: {} }];
  await assert.rejects(createJobForge(supabase).enqueueJobs(two), {
    ...{ code: "reply_cut", retryable: false, message: /only 1 of 2 rows/ },
  });
});

Deno.test("a signal that has aborted sends nothing", async () => {
  const { supabase, asked } = fakeSupabase([]);
  const jobs = createJobForge(supabase);
  const given = { signal: AbortSignal.abort(new Error("left")) };
  const next = async (list: AsyncIterable<unknown>) => {
    for await (const item of list) return item;
  };
  const calls = [
    () => jobs.enqueueJob("a", {}, given),
    () => jobs.enqueueJobs([{ type: "a", payload: {} }], given),
    () => jobs.getJob(ID, given),
    () => jobs.waitForJob(ID, given),
    () => jobs.cancelJob(ID, given),
    () => jobs.retryJob(ID, given),
    () => jobs.rescheduleJob(ID, new Date(), given),
    () => jobs.explainJob(ID, given),
    () => next(jobs.listJobs({}, given)),
    () => jobs.cancelJobs({}, given),
    () => jobs.retryJobs({}, given),
    () => jobs.configureSchedule("s", {}, given),
    () => jobs.deleteSchedule(ID, given),
    () => next(jobs.listSchedules(given)),
    () => jobs.runSchedule(ID, given),
    () => jobs.nextOccurrences(ID, given),
  ];
  for (const call of calls) await assert.rejects(async () => await call(), { message: "left" });
  assert.deepEqual(asked, []);
});

Deno.test("rows are counted where nothing else shows how many there are", async () => {
  const { supabase } = fakeSupabase([{ data: ["a", "b"], count: 5 }, { data: ["a"], count: 1 }]);
  const jobs = createJobForge(supabase);
  await assert.rejects(jobs.nextOccurrences(ID), { code: "reply_cut", message: /2 of 5 rows/ });
  assert.deepEqual(await jobs.nextOccurrences(ID), ["a"]);
});

Deno.test("a schedule is listed to its end, however few rows a page has", async () => {
  const page = (...ids: string[]) => ({ data: ids.map((id) => ({ id, payload: '{"n":1}' })) });
  const { supabase } = fakeSupabase([page("a", "b"), page("c"), page()]);
  const names: string[] = [];
  for await (const { id } of createJobForge(supabase).listSchedules()) names.push(id);
  assert.deepEqual(names, ["a", "b", "c"]);
});

Deno.test("jobs are listed by the function that reads a bounded number, in its order", async () => {
  const page = (ids: string[], next: string | null) => ({
    data: { jobs: ids.map((id) => ({ id })), next },
  });
  const { supabase, asked } = fakeSupabase([page(["c"], ID), page([], ID), page(["b", "a"], null)]);
  const filter = { status: ["failed", "dead"], createdAfter: new Date(0) } as const;
  const ids: string[] = [];
  for await (const { id } of createJobForge(supabase).listJobs(filter)) ids.push(id);
  assert.deepEqual(ids, ["c", "b", "a"]);
  const p_filter = { status: ["failed", "dead"], created_after: "1970-01-01T00:00:00.000Z" };
  assert.deepEqual(
    asked,
    [null, ID, ID].map((p_from) => ["jobforge_list_jobs", { p_filter, p_from, p_limit: 200 }]),
  );
});

Deno.test("a bulk change that fails states what it had changed", async () => {
  const changed = { data: { count: 1_000, skipped: 0, sample: [], next: ID } };
  const { supabase } = fakeSupabase([changed, { error: {}, status: 503 }]);
  await assert.rejects(createJobForge(supabase).retryJobs({ type: "a" }, { dryRun: false }), {
    ...{ code: "unavailable", message: /\(after 1000 jobs were changed: call again/ },
  });
});
