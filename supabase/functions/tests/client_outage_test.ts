import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { createJobForge, type JobForge } from "../../../shared/client.ts";
import { definitions } from "../../../shared/jobs/definitions.ts";
import { ACME, onStage, type Stage } from "./stage.ts";

/** Answers in place of the Data API, passes a request on, or changes its answer. */
type Break = (request: Request, pass: () => Promise<Response>) => Promise<Response> | Response;

/** A proxy before the stack that breaks things. */
interface Proxy {
  url: string;
  break: Break;
  /** Method and path of each request. */
  seen: string[];
}

const PASS: Break = (_request, pass) => pass();
const HTML = { headers: { "content-type": "text/html" } };

async function withProxy(stage: Stage, use: (proxy: Proxy) => Promise<void>): Promise<void> {
  const proxy: Proxy = { url: "", break: PASS, seen: [] };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    proxy.seen.push(`${request.method} ${pathname}`);
    const body = request.method === "GET" ? null : await request.text();
    const headers = new Headers(request.headers);
    for (const name of ["host", "content-length"]) headers.delete(name);
    const init = { method: request.method, headers, body };
    return await proxy.break(request, () => fetch(`${stage.stack.url}${pathname}${search}`, init));
  });
  proxy.url = `http://127.0.0.1:${server.addr.port}`;
  try {
    await use(proxy);
  } finally {
    await server.shutdown();
  }
}

async function clientThrough(stage: Stage, proxy: Proxy): Promise<JobForge<typeof definitions>> {
  const jwt = await stage.stack.signUserToken({ tenantId: ACME });
  const accessToken = () => Promise.resolve(jwt);
  const supabase = createClient(proxy.url, stage.stack.publishableKey, { accessToken });
  return createJobForge(supabase, { definitions });
}

const BROKEN: Record<string, () => Response> = {
  "a page of a proxy, 502": () => new Response("<h1>bad gateway</h1>", { status: 502, ...HTML }),
  "503 with Retry-After": () =>
    new Response(null, { status: 503, headers: { "retry-after": "1" } }),
  "a full pool, 504": () => Response.json({ code: "PGRST003" }, { status: 504 }),
  "an error of Cloudflare, 522": () => new Response("timeout", { status: 522 }),
  "a stale schema cache": () => Response.json({ code: "PGRST202" }, { status: 404 }),
  "a success without JSON": () => new Response("<h1>login</h1>", HTML),
  "half an answer": () =>
    new Response('{"id":', { headers: { "content-type": "application/json" } }),
  "no rows": () => Response.json([]),
  "nothing": () => Response.json(null),
};

/** Breaks the calls of a function with each answer once, and then passes all on. */
function once(path: string, answers: (() => Response)[]): Break {
  const left = [...answers];
  return (request, pass) => (request.url.includes(path) && left.shift()?.()) || pass();
}

/** What a read replica answers that has none of these rows yet: only GETs reach one. */
const REPLICA: Break = (request, pass) => request.method === "GET" ? Response.json([]) : pass();

/** Cuts each answer with rows, as max_rows of a project does. */
function maxRows(rows: number): Break {
  return async (_request, pass) => {
    const response = await pass();
    const data = await response.json();
    return Response.json(Array.isArray(data) ? data.slice(0, rows) : data, {
      status: response.status,
    });
  };
}

Deno.test("the client through a network that breaks", (t) =>
  onStage((stage) =>
    withProxy(stage, async (proxy) => {
      const client = await clientThrough(stage, proxy);
      const breaking = async (how: Break, use: () => Promise<void>) => {
        proxy.break = how;
        try {
          await use();
        } finally {
          proxy.break = PASS;
        }
      };
      await t.step("waiting rides out every failure that may pass", async () => {
        const job = await client.enqueueJob("system.probe", { echo: 1 });
        await breaking(once("jobforge_get_job", Object.values(BROKEN)), async () => {
          const done = await client.waitForJob(job, { timeoutMs: 60_000 });
          assert.deepEqual([done.status, done.result?.echo], ["succeeded", 1]);
        });
      });
      await waitingSteps(t, client, breaking);
      await replicaSteps(t, stage, client, breaking, proxy);
      await rowsSteps(t, client, breaking);
    })
  ));

type Breaking = (how: Break, use: () => Promise<void>) => Promise<void>;

async function waitingSteps(
  t: Deno.TestContext,
  client: JobForge<typeof definitions>,
  breaking: Breaking,
): Promise<void> {
  for (const [name, answer] of Object.entries(BROKEN)) {
    await t.step(`waiting on ${name} ends with its timeout, and states it`, async () => {
      const job = await client.enqueueJob("system.noop", null);
      await breaking(() => answer(), async () => {
        const waiting = client.waitForJob(job, { timeoutMs: 300 });
        const message = /the last call failed with (?:unavailable|not_found)/;
        await assert.rejects(waiting, { code: "wait_timeout", retryable: true, message });
      });
    });
  }
  await t.step("a signal ends waiting and calling, also while nothing answers", async () => {
    const job = await client.enqueueJob("system.noop", null);
    const hang = Promise.withResolvers<Response>();
    await breaking(() => hang.promise, async () => {
      const calls = [
        (signal: AbortSignal) => client.waitForJob(job, { signal }),
        (signal: AbortSignal) => client.enqueueJob("system.noop", null, { signal }),
        (signal: AbortSignal) => client.listJobs({}, { signal }).page(),
        (signal: AbortSignal) => client.cancelJob(job, { signal }),
      ];
      for (const call of calls) {
        const signal = AbortSignal.timeout(100);
        await assert.rejects(call(signal), { name: "TimeoutError" });
      }
      hang.resolve(new Response(null, { status: 503 }));
    });
  });
  await t.step("an enqueue whose answer was lost is repeated under its key", async () => {
    const options = { idempotencyKey: crypto.randomUUID() };
    const lose: Break = async (_request, pass) => {
      await (await pass()).body?.cancel();
      return new Response(null, { status: 502 });
    };
    await breaking(lose, async () => {
      const lost = client.enqueueJob("system.noop", null, options);
      await assert.rejects(lost, { code: "unavailable", retryable: true });
    });
    assert.equal((await client.enqueueJob("system.noop", null, options)).duplicate, true);
  });
}

async function replicaSteps(
  t: Deno.TestContext,
  stage: Stage,
  client: JobForge<typeof definitions>,
  breaking: Breaking,
  proxy: Proxy,
): Promise<void> {
  await t.step("a read replica that lags is asked for no job", async () => {
    await breaking(REPLICA, async () => {
      const job = await client.enqueueJob("system.probe", { echo: 1, steps: 2, work_ms: 1_500 });
      assert.equal((await client.getJob(job)).type, "system.probe");
      assert.equal((await client.listJobs({ type: "system.probe" }).page()).jobs[0]!.id, job.jobId);
      assert.equal((await client.waitForJob(job, { timeoutMs: 30_000 })).result?.echo, 1);
      const made = await client.enqueueJobs(
        Array.from({ length: 3 }, () => ({ type: "system.noop", payload: null }) as const),
      );
      for (const each of made) assert.equal((await client.waitForJob(each)).status, "succeeded");
    });
    assert.deepEqual(proxy.seen.filter((request) => !request.startsWith("POST ")), []);
  });
  await t.step("a retried job is not finished because it was before", async () => {
    const options = { maxAttempts: 1 };
    const job = await client.enqueueJob("system.probe", { fail_attempts: 1 }, options);
    assert.equal((await client.waitForJob(job, { timeoutMs: 30_000 })).status, "dead");
    await breaking(REPLICA, async () => {
      await client.retryJob(job);
      assert.equal((await client.waitForJob(job, { timeoutMs: 30_000 })).status, "succeeded");
    });
    const [row] = await stage.sql`
      select attempts from public.jobforge_jobs where id = ${job.jobId}`;
    assert.equal(row!.attempts, 2);
  });
}

async function rowsSteps(
  t: Deno.TestContext,
  client: JobForge<typeof definitions>,
  breaking: Breaking,
): Promise<void> {
  const noop = { type: "system.noop", payload: null } as const;
  await t.step("a batch whose answer max_rows cuts is an error that names the remedy", async () => {
    await breaking(maxRows(2), async () => {
      await assert.rejects(client.enqueueJobs([noop, noop, noop]), {
        ...{ code: "reply_cut", retryable: false },
        message: /the call is done, but its reply has only 2 of 3 rows: set max_rows/,
      });
      assert.equal((await client.enqueueJobs([noop, noop])).length, 2);
    });
  });
  await t.step("lists are whole, however few rows an answer may have", async () => {
    const settings = { expression: "0 3 * * *", type: "system.noop" };
    const names = ["one", "two", "three"];
    for (const name of names) await client.configureSchedule(name, settings);
    const count = async (list: AsyncIterable<unknown>) => {
      let items = 0;
      for await (const _item of list) items++;
      return items;
    };
    const jobs = await count(client.listJobs());
    assert.ok(jobs > 10);
    await breaking(maxRows(1), async () => {
      assert.equal(await count(client.listSchedules()), names.length);
      assert.equal(await count(client.listJobs()), jobs);
    });
  });
}
