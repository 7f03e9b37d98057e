import { randomTraceBytes, systemClock } from "../../../shared/adapters/clock.ts";
import { isEdgeRuntime, keepAlive } from "../../../shared/adapters/edge_runtime.ts";
import type { WorkerEnv } from "../../../shared/adapters/env.ts";
import { keyMatcher } from "../../../shared/adapters/key_match.ts";
import { consoleLog } from "../../../shared/adapters/log.ts";
import { openDataApi } from "../../../shared/adapters/open_data_api.ts";
import { openRunQueue, startRun } from "../../../shared/adapters/run_queue.ts";
import { observeTurns } from "../../../shared/adapters/turns.ts";
import { cpuBudgetOfRun, planRun } from "../../../shared/core/budget.ts";
import { keyHeaders } from "../../../shared/core/credential.ts";
import { indexHandlers, type JobHandler } from "../../../shared/core/handler.ts";
import { formatTraceparent, newTrace } from "../../../shared/core/traceparent.ts";
import { Drain, type DrainDeps, type StopCause } from "../../../shared/worker/drain.ts";
import { LiveRuns } from "../../../shared/worker/live_runs.ts";
import type { DrainSettings } from "../../../shared/worker/settings.ts";
import type { WorkerDeps } from "./app.ts";

/** The edge runtime retires an isolate after 1 s of CPU and kills it at 2 s. */
const EDGE_CPU_MS = 1_000;
const MAX_GRACE_MS = 1_000;

/** The worker's dependencies on the real world, and the way to stop its runs. */
export function createDeps(
  env: WorkerEnv,
  handlers: readonly JobHandler[],
): WorkerDeps & { stopAll(cause: StopCause): void } {
  const turns = observeTurns();
  const runs = new LiveRuns();
  const isolate = `isolate-${crypto.randomUUID().slice(0, 8)}`;
  let replyLength = 0;
  const onReply = (length: number) => {
    replyLength = length;
    turns.enter();
  };
  const api = openDataApi({
    supabaseUrl: env.supabaseUrl,
    headers: keyHeaders(env.serviceKey),
    onReply,
  });
  const drainDeps: DrainDeps = {
    queue: openRunQueue(api, () => replyLength),
    handlers: indexHandlers(handlers),
    clock: systemClock,
    turns,
    log: consoleLog,
    random: Math.random,
    newTraceparent: () => formatTraceparent(newTrace(randomTraceBytes())),
  };

  const drainOne = async (runId: number) => {
    turns.acquire();
    try {
      await runs.start(new Drain(runId, drainDeps, settingsOf(env, turns.busyMs())));
    } catch {
      // A fault of the worker itself: whatever it held is released now rather than by expiry.
      consoleLog.write("error", "run_failed", { run_id: runId });
      await drainDeps.queue.finish(runId, "error", 0).catch(() => {});
    } finally {
      turns.release();
    }
  };

  return {
    startRun: (ticket) =>
      startRun(api, {
        runId: ticket?.run_id ?? null,
        ticket: ticket?.ticket ?? null,
        worker: isolate,
        capacity: env.concurrency,
        types: handlers.map(declarationOf),
      }),
    launch: (runId) => keepAlive(drainOne(runId)),
    liveRuns: () => runs.count,
    stopAll: (cause) => runs.stopAll(cause),
    isSecretKey: keyMatcher(env.secretKeys),
    isLegacyServiceKey: keyMatcher(env.legacyServiceKey ? [env.legacyServiceKey] : []),
    log: consoleLog,
  };
}

function settingsOf(env: WorkerEnv, busyMs: number): DrainSettings {
  const budget = planRun(env.wallClockMs);
  const cpuMs = env.cpuMs ?? (isEdgeRuntime() ? EDGE_CPU_MS : Infinity);
  return {
    concurrency: env.concurrency,
    maxBatch: env.maxBatch,
    budget,
    cpuMs: cpuBudgetOfRun(cpuMs, busyMs),
    graceMs: Math.min(MAX_GRACE_MS, (budget.endMs - budget.interruptMs) / 2),
  };
}

function declarationOf({ definition }: JobHandler) {
  return {
    type: definition.type,
    max_attempts: definition.maxAttempts,
    timeout_ms: definition.timeoutMs,
    backoff_base_ms: definition.backoff.baseMs,
    backoff_cap_ms: definition.backoff.capMs,
  };
}
