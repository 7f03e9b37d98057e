import { createClient } from "@supabase/supabase-js";
import { startStack } from "../../local/stack/stack.ts";
import { createJobForge } from "../../shared/client.ts";
import type { Bench } from "../harness/bench.ts";
import { median } from "../harness/harness.ts";
import { openJobForge, tenantId } from "../harness/jobforge.ts";
import type { Row } from "../harness/rows.ts";

/** How long before the start of a job a client watches it, so that polls are two seconds apart. */
const WATCHED_MS = 6_000;

/** Milliseconds from the commit of a job's start to the client that watches it, in turns. */
export async function watchRows(bench: Bench): Promise<Row[]> {
  const jobforge = await openJobForge(bench.server);
  const stack = await startStack({ database: jobforge.database, functions: [] });
  const { sql } = jobforge;
  const tenant = tenantId(1);
  const token = await stack.signUserToken({ tenantId: tenant });
  const supabase = createClient(stack.url, stack.publishableKey, {
    accessToken: () => Promise.resolve(token),
  });
  const latency = async (realtime: boolean): Promise<number> => {
    const [run] = await sql`select run_id from jobforge_start_run()`;
    const [job] = await sql`select job_id from jobforge_enqueue_job(${tenant}, 'system.noop')`;
    let startedAt = 0;
    const start = async () => {
      await sql`select jobforge_claim_jobs(${run!.run_id}, 1)`;
      startedAt = performance.now();
    };
    // Polls are anywhere in their pause when the job starts.
    setTimeout(() => void start(), WATCHED_MS + Math.random() * 2_000);
    const client = createJobForge(supabase, { realtime });
    for await (const { status } of client.watchJob(job!.job_id)) if (status === "running") break;
    const seenAt = performance.now();
    await sql`select jobforge_finish_run(${run!.run_id}, 'drained')`;
    await sql`select jobforge_cancel_job(${job!.job_id}, ${tenant})`;
    return Math.max(seenAt - startedAt, 0);
  };
  const [hinted, polled]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < bench.size(8, 3); round++) {
      hinted.push(await latency(true));
      polled.push(await latency(false));
    }
  } finally {
    await supabase.removeAllChannels();
    await stack.stop();
    await jobforge.close();
  }
  return [{
    work: "a watched change: polling against Realtime",
    measured: median(polled) / Math.max(median(hinted), 1),
    unit: "×",
    note: `median ${Math.round(median(polled))} ms by polls, ${Math.round(median(hinted))} ms by ` +
      "hints of the stand-in for Realtime",
  }];
}
