import { type Columns, rowsOf } from "../../core/encoding/columns.ts";
import { type ErrorCode, JobForgeError } from "../../core/errors.ts";
import type { ClaimedJob, RunQueue, SettleReply } from "../../worker/ports.ts";
import type { JobHandler } from "../../core/job/handler.ts";
import type { WorkerKind } from "../../core/job/job_type.ts";
import { isUnknownFunction } from "../../core/http/rpc_error.ts";
import { VERSION, versionProblem } from "../../core/version.ts";
import { callRpc, type DataApi, replyOf, type RunApi } from "./data_api.ts";
import { heartbeatBody, reportBody } from "./report_body.ts";

/** A job type's limits as the database stores them. */
export interface DeclaredType {
  type: string;
  max_attempts: number;
  timeout_ms: number;
  backoff_base_ms: number;
  backoff_cap_ms: number;
  /** The only kind of worker that runs it, or null. */
  runs_on: WorkerKind | null;
}

/** The start of a run: a ticket from the dispatcher, or none when an operator starts it. */
export interface RunRequest {
  runId: number | null;
  ticket: string | null;
  worker: string;
  capacity: number;
  /** Of these the run takes those that its kind of worker runs. */
  types: DeclaredType[];
  kind: WorkerKind;
}

interface ColumnarReply extends Omit<SettleReply, "jobs"> {
  jobs: Columns<ClaimedJob>;
}

// A lease lasts 45 s: a call that hangs must leave time for the next heartbeat.
const CALL = { timeoutMs: 10_000 };
/** A reply is given up at this size, so that no claim takes the memory of the isolate. */
export const MAX_REPLY_BYTES = 12 * 1024 * 1024;

interface StartReply {
  run_id: number | null;
  /** The code when the ticket was used up for nothing. */
  refusal: ErrorCode | null;
  /** What to do then. */
  message: string | null;
}

/** Returns what a worker declares about the type of a handler. */
export function declarationOf({ definition }: JobHandler): DeclaredType {
  return {
    type: definition.type,
    max_attempts: definition.maxAttempts,
    timeout_ms: definition.timeoutMs,
    backoff_base_ms: definition.backoff.baseMs,
    backoff_cap_ms: definition.backoff.capMs,
    runs_on: definition.runsOn ?? null,
  };
}

/**
 * Starts a run and returns its id. Throws `ticket_refused`, `runs_exhausted`, `version_mismatch` when
 * the schema does not serve this version, and as `callRpc`.
 */
export async function startRun(api: DataApi, request: RunRequest): Promise<number> {
  const rows = await callRpc(api, "jobforge_start_run", {
    p_run_id: request.runId,
    p_ticket: request.ticket,
    p_worker: request.worker,
    p_capacity: request.capacity,
    p_types: request.types,
    p_kind: request.kind,
    p_version: VERSION,
  }, CALL).catch((thrown) => refusedByVersion(api, thrown)) as StartReply[];
  const started = Array.isArray(rows) ? rows[0] : rows as StartReply;
  if (started?.refusal) throw new JobForgeError(started.refusal, started.message ?? "no run");
  if (!started?.run_id) throw new JobForgeError("internal", "the database started no run");
  return started.run_id;
}

/**
 * A schema of an earlier release may not know what this one sends. Throws `version_mismatch` then,
 * with both versions, or else what was thrown.
 */
async function refusedByVersion(api: DataApi, thrown: unknown): Promise<never> {
  if (!isUnknownFunction(thrown)) throw thrown;
  const schema = await callRpc(api, "jobforge_schema_version", {}, CALL).catch(() => undefined);
  const problem = typeof schema === "string" && versionProblem("worker", VERSION, schema);
  throw problem ? new JobForgeError("version_mismatch", problem) : thrown;
}

/** The calls of a run over the Data API. */
export function openRunQueue(api: RunApi): RunQueue {
  const post = (name: string, body: string) =>
    replyOf(api.postRpc(name, body, MAX_REPLY_BYTES), CALL);
  return {
    async settleAndClaim(runId, report) {
      const { data, bytes } = await post("jobforge_settle_and_claim", reportBody(runId, report));
      const reply = data as ColumnarReply;
      return { ...reply, jobs: rowsOf(reply.jobs), ...(bytes === undefined ? {} : { bytes }) };
    },
    async heartbeat(runId, progress) {
      const { data } = await post("jobforge_heartbeat", heartbeatBody(runId, progress));
      return data as { abort: string[] };
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
