import assert from "node:assert/strict";
import type { Call, DataApi, Query } from "./data_api.ts";
import { JobApi } from "./job_api.ts";

const TENANT = "11111111-1111-4111-8111-111111111111";

/** A fake Data API that records its calls and answers with `data`. */
function fakeApi(data: unknown): { api: DataApi; asked: unknown[] } {
  const asked: unknown[] = [];
  const reply = Promise.resolve({ data, error: null, status: 200 });
  const call: Call = { abortSignal: () => reply, then: reply.then.bind(reply) };
  const query: Query = {
    ...call,
    eq: (column, value) => (asked.push([column, "=", value]), query),
    lt: (column, value) => (asked.push([column, "<", value]), query),
    order: (column, { ascending }) => (asked.push([column, ascending ? "up" : "down"]), query),
    limit: (rows) => (asked.push(["limit", rows]), query),
  };
  const api: DataApi = {
    rpc: (name, args) => (asked.push([name, args]), call),
    from: (table) => ({ select: () => (asked.push([table]), query) }),
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

Deno.test("reads are narrowed to the tenant if there is one", async () => {
  const { api, asked } = fakeApi([]);
  assert.equal(await new JobApi(api, { tenantId: TENANT }).findJob("j"), undefined);
  assert.equal(await new JobApi(api).findResult("j"), null);
  assert.deepEqual(asked, [
    ...[["jobforge_jobs"], ["tenant_id", "=", TENANT], ["id", "=", "j"]],
    ...[["jobforge_job_results"], ["job_id", "=", "j"]],
  ]);
});

Deno.test("a list is a page, newest first, after a given id", async () => {
  const { api, asked } = fakeApi([]);
  await new JobApi(api).listJobs({ status: "dead", type: "a.b", before: "x", limit: 10 });
  assert.deepEqual(asked, [
    ["jobforge_jobs"],
    ...[["status", "=", "dead"], ["type", "=", "a.b"], ["id", "<", "x"]],
    ...[["id", "down"], ["limit", 10]],
  ]);
});
