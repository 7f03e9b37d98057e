import { delay } from "../../../local/system.ts";
import type { Expectation, Ledger } from "./ledger.ts";

const BATCH = 500;
const CALL_MS = 15_000;

/** A job as a scenario asks for it. */
export interface NewJob {
  type?: string;
  payload?: Record<string, unknown>;
  run_at?: string;
  [option: string]: unknown;
}

/** What enqueuing needs of the world. */
interface Caller {
  api: { url: string };
  ledger: Ledger;
  rpc(name: string, args: unknown, url?: string): Promise<Response>;
}

/** Calls an RPC of the Data API at `url` under a secret key. */
export function callRpc(
  url: string,
  secretKey: string,
  name: string,
  args: unknown,
): Promise<Response> {
  return fetch(`${url}/rest/v1/rpc/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json", apikey: secretKey },
    body: JSON.stringify(args),
    signal: AbortSignal.timeout(CALL_MS),
  });
}

let keys = 0;

/** Enqueues in batches under idempotency keys, again and again until each is answered. */
export async function enqueue(
  world: Caller,
  tenantId: string,
  jobs: NewJob[],
  expected: Expectation = "succeeded",
  url = world.api.url,
): Promise<string[]> {
  const made: string[] = [];
  for (let from = 0; from < jobs.length; from += BATCH) {
    const batch = jobs.slice(from, from + BATCH).map((job) => ({
      ...{ type: "chaos.effect", payload: {}, ...job },
      idempotency_key: `k${++keys}`,
    }));
    const args = { p_tenant_id: tenantId, p_jobs: batch };
    const asked = batch.map((job) => `${tenantId} ${job.idempotency_key}`);
    for (const each of asked) world.ledger.unknown.add(each);
    const rows = await enqueueBatch(world, args, url);
    for (const each of asked) world.ledger.unknown.delete(each);
    rows.forEach((row, index) => {
      const runAt = batch[index]!.run_at;
      const notBefore = runAt === undefined ? 0 : Date.parse(runAt);
      world.ledger.record(tenantId, [row.job_id], expected, notBefore);
      made.push(row.job_id);
    });
  }
  return made;
}

async function enqueueBatch(
  world: Caller,
  args: unknown,
  url: string,
): Promise<{ job_id: string }[]> {
  return await insist(async () => {
    const reply = await world.rpc("jobforge_enqueue_jobs", args, url);
    const text = await reply.text();
    if (reply.ok) return JSON.parse(text);
    // A rule refused it. Anything else is worth a repeat, also an API that just lost its schema.
    const refused = /"code":"(PT|22|23|42)/.test(text) && reply.status < 500;
    throw refused ? new TypeError(`refused: ${text}`) : new Error(text);
  }, () => world.ledger.repeated++);
}

/** Repeats a call until it works. Throws at a refusal, which is a TypeError of ours. */
export async function insist<T>(call: () => Promise<T>, onFailure = () => {}): Promise<T> {
  for (const deadline = Date.now() + 60_000;;) {
    try {
      return await call();
    } catch (error) {
      const refused = error instanceof TypeError && error.message.startsWith("refused");
      if (refused || Date.now() > deadline) throw error;
      onFailure();
      await delay(100);
    }
  }
}
