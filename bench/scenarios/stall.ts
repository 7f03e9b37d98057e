import type { Sql } from "../../local/postgres/database.ts";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import type { Bench } from "../harness/bench.ts";
import { interleave, median, quantile, ratios, valuesOf } from "../harness/harness.ts";
import {
  type ClaimedJob,
  enqueueJob,
  type JobForge,
  openJobForge,
  settleAndClaim,
  startRun,
  tenantId,
} from "../harness/jobforge.ts";
import { type Row, significant, targetOf } from "../harness/rows.ts";

const TENANTS = 50;
/** A filter that lasts as long as the timeout of the function before it. */
const SLOW = `status=match.${encodeURIComponent(`^(.+)${"(.*)".repeat(80)}\\1$`)}`;

/** What the slow filters of one tenant cost the jobs of others. */
export async function stallRows(bench: Bench): Promise<Row[]> {
  const jobforge = await openJobForge(bench.server);
  const stack = await startStack({ database: jobforge.database, functions: [] });
  try {
    await jobforge.wipe();
    return [await stallRow(bench, jobforge, stack)];
  } finally {
    await stack.stop();
    await jobforge.close();
  }
}

async function stallRow(bench: Bench, jobforge: JobForge, stack: Stack): Promise<Row> {
  const jobs = bench.size(200, 50);
  const [worker, enqueuer] = await jobforge.database.open(2);
  const slow = await slowCaller(jobforge, stack);
  const run = () => p95Of(worker!, enqueuer!, jobs);
  const series = await interleave([
    { name: "filtered", run: () => slow.during(run) },
    { name: "quiet", run },
  ], bench.rounds(9, 3));
  const values = ratios(series, "filtered", "quiet");
  const p95 = (name: string) => significant(median(valuesOf(series, name)));
  return {
    work: "enqueue → end, p95, while another tenant filters slowly, of the same without",
    measured: median(values),
    unit: "×",
    spread: [Math.min(...values), Math.max(...values)],
    ...targetOf({ atMost: 2 }),
    note: `${jobs} jobs of ${TENANTS - 1} tenants a round, ${p95("filtered")} ms against ` +
      `${p95("quiet")} ms; ${slow.calls} calls with filters that last until their timeout`,
  };
}

/** A member of tenant 1 who calls one function after the other, each with a slow filter. */
async function slowCaller({ sql }: JobForge, stack: Stack) {
  const id = tenantId(1);
  const [later] = await sql`
    select job_id from jobforge_enqueue_job(${id}, 'system.noop', p_run_at => now() + '1 day')`;
  const p_job_id = later!.job_id;
  const bodies = [
    ["jobforge_enqueue_job", { p_type: "system.noop" }],
    ["jobforge_cancel_job", { p_job_id }],
    ["jobforge_enqueue_jobs", { p_jobs: [{ type: "system.noop" }] }],
    ["jobforge_reschedule_job", { p_job_id, p_run_at: new Date(Date.now() + 86_400_000) }],
  ] as const;
  const headers = {
    apikey: stack.publishableKey,
    authorization: `Bearer ${await stack.signUserToken({ tenantId: id })}`,
    "content-type": "application/json",
  };
  const caller = {
    calls: 0,
    async during<T>(work: () => Promise<T>): Promise<T> {
      let done = false;
      const calling = (async () => {
        while (!done) {
          const [name, body] = bodies[caller.calls++ % bodies.length]!;
          const url = `${stack.url}/rest/v1/rpc/${name}?${SLOW}`;
          const response = await fetch(url, {
            method: "POST",
            headers,
            body: JSON.stringify(body),
          });
          const text = await response.text();
          if (!text.includes("statement timeout")) throw new Error(`${name}: ${text}`);
        }
      })();
      const result = await work().finally(() => done = true);
      await calling;
      return result;
    },
  };
  return caller;
}

/** Enqueues jobs of many tenants, one by one, while a worker ends them. The 95th percentile in ms. */
async function p95Of(worker: Sql, enqueuer: Sql, jobs: number): Promise<number> {
  const begun = new Map<string, number>();
  const waits: number[] = [];
  const working = (async () => {
    const run = await startRun(worker);
    let held: ClaimedJob[] = [];
    while (waits.length < jobs) {
      const ended = held;
      held = await settleAndClaim(worker, run, ended, 50);
      const now = performance.now();
      for (const { tenant_id } of ended) waits.push(now - begun.get(tenant_id)!);
      if (held.length === 0) await pause(2);
    }
    await worker`select jobforge_finish_run(${run}, 'drained')`;
  })();
  for (let job = 0; job < jobs; job++) {
    const tenant = 2 + job % (TENANTS - 1);
    begun.set(tenantId(tenant), performance.now());
    await enqueueJob(enqueuer, tenant);
    await pause(10);
  }
  await working;
  return quantile(waits, 0.95);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
