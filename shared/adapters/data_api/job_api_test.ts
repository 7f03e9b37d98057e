import assert from "node:assert/strict";
import type { RpcFailure } from "../../core/http/rpc_error.ts";
import type { Call, DataApi } from "./data_api.ts";
import { JobApi } from "./job_api.ts";

const TENANT = "11111111-1111-4111-8111-111111111111";

/** A fake Data API that records its calls and answers with `data`. */
function fakeApi(
  data: unknown,
  error: RpcFailure | null = null,
): { api: DataApi; asked: unknown[] } {
  const asked: unknown[] = [];
  const reply = Promise.resolve({ data, error, status: error ? 400 : 200 });
  const call: Call = { abortSignal: () => reply, then: reply.then.bind(reply) };
  const api: DataApi = {
    rpc: (name, args) => (asked.push([name, args]), { ...call, select: () => call }),
    from: () => assert.fail("no table is read"),
  };
  return { api, asked };
}

Deno.test("enqueueJob names only what it was given", async () => {
  const { api, asked } = fakeApi([{ job_id: "j", status: "queued", duplicate: false }]);
  const jobs = new JobApi(api, { tenantId: TENANT });
  const reply = await jobs.enqueueJob({ type: "a", priority: 3 }, "tp");
  assert.deepEqual(reply, { job_id: "j", status: "queued", duplicate: false });
  const args = { p_type: "a", p_payload: {}, p_priority: 3, p_traceparent: "tp" };
  assert.deepEqual(asked, [["jobforge_enqueue_job", { ...args, p_tenant_id: TENANT }]]);
});

Deno.test("enqueueJobs answers in the order of the request", async () => {
  const row = { status: "queued", duplicate: false };
  const { api, asked } = fakeApi([
    { ...row, index: 1, job_id: "second" },
    { ...row, index: 0, job_id: "first" },
  ]);
  const replies = await new JobApi(api).enqueueJobs([{ type: "a" }, { type: "b", payload: [1] }]);
  assert.deepEqual(replies.map((reply) => reply.job_id), ["first", "second"]);
  const p_jobs = [{ type: "a", payload: {} }, { type: "b", payload: [1] }];
  assert.deepEqual(asked, [["jobforge_enqueue_jobs", { p_jobs }]]);
});

Deno.test("a job is read with its result, and is undefined when there is none", async () => {
  const { api, asked } = fakeApi({ id: "j", result: null });
  assert.deepEqual(await new JobApi(api, { tenantId: TENANT }).findJob("j"), {
    ...{ id: "j", result: null },
  });
  assert.deepEqual(asked, [["jobforge_get_job", { p_job_id: "j", p_tenant_id: TENANT }]]);
  const missing = fakeApi(null, { code: "PT404", details: "not_found" });
  assert.equal(await new JobApi(missing.api).findJob("j"), undefined);
  const away = fakeApi(null, { code: "57P01" });
  await assert.rejects(new JobApi(away.api).findJob("j"), { code: "unavailable" });
});

Deno.test("a batch whose reply max_rows has cut is an error that states so", async () => {
  const { api } = fakeApi([{ status: "queued", duplicate: false, index: 0, job_id: "first" }]);
  await assert.rejects(new JobApi(api).enqueueJobs([{ type: "a" }, { type: "b" }]), {
    code: "reply_cut",
    message: /only 1 of 2 rows: set max_rows/,
  });
});
