import type { Api } from "./api.ts";
import type { BulkAnswer } from "./rows.ts";

/** A change of many jobs of one tenant. */
export interface Bulk {
  call: "jobforge_retry_jobs" | "jobforge_cancel_jobs";
  /** The tenant, or undefined for the caller's own. */
  tenant: string | undefined;
  filter: Record<string, unknown>;
}

/** The number of jobs a change would reach. */
export interface Counted {
  count: number;
  /** False when more jobs match than were counted. */
  complete: boolean;
  sample: BulkAnswer["sample"];
}

const COUNTED_AT_ONCE = 10_000;
const CHANGED_AT_ONCE = 1_000;
const COUNTING_CALLS = 20;

/** Returns the number of jobs by dry runs, each of which continues the last one. */
export async function countAll(api: Api, bulk: Bulk): Promise<Counted> {
  const counted: Counted = { count: 0, complete: false, sample: [] };
  let after: string | null = null;
  for (let calls = 0; calls < COUNTING_CALLS; calls++) {
    const answer = await step(api, bulk, after, COUNTED_AT_ONCE, true);
    counted.count += answer.count;
    if (counted.sample.length === 0) counted.sample = answer.sample;
    after = answer.next;
    if (after === null) return { ...counted, complete: true };
  }
  return counted;
}

/** Changes all jobs, a thousand per transaction. Jobs locked by another transaction are skipped. */
export async function changeAll(
  api: Api,
  bulk: Bulk,
): Promise<{ count: number; skipped: number }> {
  let [count, skipped] = [0, 0];
  let after: string | null = null;
  do {
    const answer: BulkAnswer = await step(api, bulk, after, CHANGED_AT_ONCE, false);
    count += answer.count;
    skipped += answer.skipped;
    after = answer.next;
  } while (after !== null);
  return { count, skipped };
}

function step(
  api: Api,
  { call, tenant, filter }: Bulk,
  after: string | null,
  limit: number,
  dryRun: boolean,
): Promise<BulkAnswer> {
  return api.call<BulkAnswer>(call, {
    ...(tenant ? { p_tenant_id: tenant } : {}),
    ...(after ? { p_after: after } : {}),
    p_filter: filter,
    p_limit: limit,
    p_dry_run: dryRun,
  });
}
