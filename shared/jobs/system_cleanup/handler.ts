import { callRpc, type DataApi } from "../../adapters/data_api/data_api.ts";
import { handle, type JobHandler } from "../../core/job/handler.ts";
import { systemCleanup } from "./definition.ts";

const BATCH = 500;

/** Creates the cleanup handler. `api` must have the rights of a service. */
export function createCleanup(api: DataApi): JobHandler {
  return handle(systemCleanup, async ({ retention_days, statuses }, ctx) => {
    let deleted = 0;
    let after: string | null = null;
    // Small transactions, so that claims and other tenants never wait for one.
    do {
      ctx.signal.throwIfAborted();
      const args: Record<string, unknown> = {
        p_tenant_id: ctx.tenantId,
        p_retention_days: retention_days,
        p_statuses: statuses,
        p_after: after,
        p_limit: BATCH,
      };
      const options = { timeoutMs: 10_000, signal: ctx.signal };
      const batch = await callRpc(api, "jobforge_cleanup", args, options) as Batch;
      deleted += batch.deleted;
      after = batch.next;
      ctx.progress({ deleted });
    } while (after !== null);
    return { deleted };
  });
}

interface Batch {
  deleted: number;
  next: string | null;
}
