import { type Columns, rowsOf } from "../../core/encoding/columns.ts";
import { JobForgeError } from "../../core/errors.ts";
import type { ClaimedJob, RunQueue, SettleReply } from "../../worker/ports.ts";
import { callRpc, type DataApi } from "./data_api.ts";

/** A job type's limits as the database stores them. */
export interface DeclaredType {
  type: string;
  max_attempts: number;
  timeout_ms: number;
  backoff_base_ms: number;
  backoff_cap_ms: number;
}

/** The start of a run: a ticket from the dispatcher, or none when an operator starts it. */
export interface RunRequest {
  runId: number | null;
  ticket: string | null;
  worker: string;
  capacity: number;
  types: DeclaredType[];
}

interface ColumnarReply extends Omit<SettleReply, "jobs"> {
  jobs: Columns<ClaimedJob>;
}

// A lease lasts 45 s: a call that hangs must leave time for the next heartbeat.
const CALL = { timeoutMs: 10_000 };

interface StartReply {
  run_id: number | null;
  /** The code when the ticket was used up for nothing. */
  refusal: string | null;
}

/** Starts a run and returns its id. Throws `ticket_refused`, `runs_exhausted` and as `callRpc`. */
export async function startRun(api: DataApi, request: RunRequest): Promise<number> {
  const rows = await callRpc(api, "jobforge_start_run", {
    p_run_id: request.runId,
    p_ticket: request.ticket,
    p_worker: request.worker,
    p_capacity: request.capacity,
    p_types: request.types,
  }, CALL) as StartReply[];
  const started = Array.isArray(rows) ? rows[0] : rows as StartReply;
  if (started?.refusal === "runs_exhausted") {
    throw new JobForgeError("runs_exhausted", "max_runs runs are live: the ticket is used up");
  }
  if (!started?.run_id) throw new JobForgeError("internal", "the database started no run");
  return started.run_id;
}

/** The calls of a run over the Data API. `replyLength` returns the length of the last reply. */
export function openRunQueue(api: DataApi, replyLength: () => number): RunQueue {
  return {
    async settleAndClaim(runId, outcomes, limit, progress) {
      const args = {
        p_run_id: runId,
        p_outcomes: outcomes,
        p_limit: limit,
        p_progress: progress,
        p_columns: true,
      };
      const reply = await callRpc(api, "jobforge_settle_and_claim", args, CALL) as ColumnarReply;
      return { ...reply, jobs: rowsOf(reply.jobs), length: replyLength() };
    },
    async heartbeat(runId, progress) {
      const args = { p_run_id: runId, p_progress: progress };
      return await callRpc(api, "jobforge_heartbeat", args, CALL) as { abort: string[] };
    },
    async releaseUnknown(runId, knownIds) {
      const args = { p_run_id: runId, p_known_ids: [...knownIds] };
      return await callRpc(api, "jobforge_release_jobs", args, CALL) as number;
    },
    async finish(runId, reason, cpuMs) {
      const args = { p_run_id: runId, p_reason: reason, p_cpu_ms: cpuMs };
      await callRpc(api, "jobforge_finish_run", args, CALL);
    },
  };
}
