import type { Stack } from "../../local/stack/stack.ts";
import type { Bench } from "../harness/bench.ts";
import { callsPerSecond, interleave } from "../harness/harness.ts";
import { type JobForge, PAYLOAD, tenantId } from "../harness/jobforge.ts";
import { ratioRow, type Row } from "../harness/rows.ts";
import { untilIdle } from "../harness/worker.ts";

/** The same call with the same credential, once through the function and once past it. */
export async function functionRow(bench: Bench, jobforge: JobForge, stack: Stack): Promise<Row> {
  await untilIdle(jobforge.sql);
  await jobforge.wipe();
  // No worker is called: what is measured is the enqueue alone.
  await jobforge.sql`update jobforge.settings set project_url = null`;
  const clients = Array.from({ length: 8 }, () => undefined);
  const [direct, byFunction] = [
    await enqueuer(stack, 1, "rest"),
    await enqueuer(stack, 1, "functions"),
  ];
  const calls = bench.size(400, 100);
  const series = await interleave(
    [
      { name: "function", run: () => callsPerSecond(clients, calls, byFunction) },
      { name: "Data API", run: () => callsPerSecond(clients, calls, direct) },
    ],
    bench.rounds(9, 4),
    2,
  );
  return ratioRow(series, {
    work: "enqueue function, 8 clients, requests of the Data API's own RPC",
    cell: "function",
    of: "Data API",
    atLeast: 0.7,
  });
}

/** A call that enqueues one job as a user of a tenant and answers with its id. */
export async function enqueuer(
  stack: Stack,
  tenant: number,
  path: "rest" | "functions",
): Promise<() => Promise<string>> {
  const headers = {
    apikey: stack.publishableKey,
    authorization: `Bearer ${await stack.signUserToken({ tenantId: tenantId(tenant) })}`,
    "content-type": "application/json",
  };
  const type = "system.noop";
  const [url, body] = path === "rest"
    ? [`${stack.url}/rest/v1/rpc/jobforge_enqueue_job`, { p_type: type, p_payload: PAYLOAD }]
    : [`${stack.url}/functions/v1/enqueue`, { type, payload: PAYLOAD }];
  const request = { method: "POST", headers, body: JSON.stringify(body) };
  return async () => {
    const response = await fetch(url, request);
    const reply = await response.json();
    const jobId = (Array.isArray(reply) ? reply[0] : reply).job_id;
    if (!response.ok || !jobId) {
      throw new Error(`${url}: ${response.status} ${JSON.stringify(reply)}`);
    }
    return jobId;
  };
}
