import { type Stack, startStack } from "../../local/stack/stack.ts";
import { SENDERS, type Sent } from "../../shared/core/webhook/fake_senders.ts";
import type { Bench } from "../harness/bench.ts";
import { interleave, median, millisecondsOf, valuesOf } from "../harness/harness.ts";
import { type JobForge, openJobForge, tenantId } from "../harness/jobforge.ts";
import { type Row, significant, targetOf } from "../harness/rows.ts";

const { otherSecret, secret, send } = SENDERS.stripe;
const BODY = JSON.stringify({ id: "evt_bench", data: "x".repeat(1_000) });
const STALE_SECONDS = 3_600;

/** Whether the time of a refused webhook reveals its cause. */
export async function webhookRows(bench: Bench): Promise<Row[]> {
  const jobforge = await openJobForge(bench.server);
  const stack = await startStack({ database: jobforge.database, functions: ["webhook-verify"] });
  try {
    await stack.startFunctions();
    return [await refusalRow(bench, jobforge, stack)];
  } finally {
    await stack.stop();
    await jobforge.close();
  }
}

async function refusalRow(bench: Bench, jobforge: JobForge, stack: Stack): Promise<Row> {
  const open = await makeEndpoint(jobforge, "open", true);
  const disabled = await makeEndpoint(jobforge, "disabled", false);
  const genuine = () => send(secret, BODY, nowSeconds());
  const causes: [string, string, () => Sent][] = [
    ["unknown", crypto.randomUUID(), genuine],
    ["disabled", disabled, genuine],
    ["bad signature", open, () => send(otherSecret, BODY, nowSeconds())],
    ["old time", open, () => send(secret, BODY, nowSeconds() - STALE_SECONDS)],
  ];
  const cells = causes.map(([name, id, sent]) => ({
    name,
    run: () => refusedIn(`${stack.url}/functions/v1/webhook-verify/${id}`, sent()),
  }));
  const calls = bench.rounds(500, 50);
  const series = await interleave(cells, calls, 20);
  const medians = causes.map(([name]) => [name, median(valuesOf(series, name))] as const);
  const values = medians.map(([, value]) => value);
  return {
    work: "refused webhooks: slowest median of four causes, of the fastest",
    measured: Math.max(...values) / Math.min(...values),
    unit: "×",
    ...targetOf({ atMost: 1.05 }),
    note: `${calls} calls each, in turn: ${
      medians.map(([name, value]) => `${name} ${significant(value)} ms`).join(", ")
    }`,
  };
}

/** Makes a webhook endpoint of tenant 1, with a secret of its own. Returns its id. */
export async function makeEndpoint(
  { sql }: JobForge,
  name: string,
  enabled: boolean,
  scheme: "stripe" | "twilio" = "stripe",
): Promise<string> {
  const { secret, url } = SENDERS[scheme];
  const config = { scheme, job_type: "system.noop", ...(url ? { url } : {}) };
  await sql`select from jobforge_set_secret(${tenantId(1)}, ${name}, ${secret})`;
  const [row] = await sql`
    select jobforge_configure_connector(${tenantId(1)}, 'webhook-verify', ${name},
      ${sql.json(config)}, array['vault:' || ${name}], ${enabled}) as id`;
  return row!.id;
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function refusedIn(url: string, { body, headers }: Sent): Promise<number> {
  return millisecondsOf(async () => {
    const response = await fetch(url, { method: "POST", headers, body });
    await response.body?.cancel();
    if (response.status !== 401) throw new Error(`${url} answered ${response.status}`);
  });
}
