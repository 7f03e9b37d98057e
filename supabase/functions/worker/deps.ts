import { fillCalendar } from "../../../shared/adapters/data_api/calendar_api.ts";
import type { DataApi } from "../../../shared/adapters/data_api/data_api.ts";
import { readMetrics } from "../../../shared/adapters/data_api/metrics_api.ts";
import { openDataApi } from "../../../shared/adapters/data_api/open_data_api.ts";
import { startRun } from "../../../shared/adapters/data_api/run_queue.ts";
import { keyMatcher } from "../../../shared/adapters/http/key_match.ts";
import type { WorkerEnv } from "../../../shared/adapters/runtime/env.ts";
import { consoleLog } from "../../../shared/adapters/runtime/log.ts";
import { EventLoopMeter } from "../../../shared/adapters/runtime/event_loop_meter.ts";
import { keyHeaders } from "../../../shared/core/http/credential.ts";
import type { JobHandler } from "../../../shared/core/job/handler.ts";
import type { StopCause } from "../../../shared/worker/drain.ts";
import type { WorkerDeps } from "./app.ts";
import { Runner } from "./runner.ts";

/** Creates the worker's dependencies, and a function that stops its runs. */
export function createDeps(
  env: WorkerEnv,
  makeHandlers: (api: DataApi) => readonly JobHandler[],
): WorkerDeps & { stopAll(cause: StopCause): void } {
  const meter = new EventLoopMeter();
  const reply = { length: 0 };
  const onReply = (length: number) => {
    reply.length = length;
    meter.enter();
  };
  const { supabaseUrl, serviceKey } = env;
  const headers = keyHeaders(serviceKey);
  const api = openDataApi({ supabaseUrl, headers, onReply });
  // Apart from the client of runs, whose replies show how large jobs are.
  const otherApi = openDataApi({ supabaseUrl, headers, onReply: () => void meter.enter() });
  const handlers = makeHandlers(otherApi);
  const calendar = () => fillCalendar(otherApi);
  const runner = new Runner(api, () => reply.length, meter, handlers, calendar, env);
  const isolate = `isolate-${crypto.randomUUID().slice(0, 8)}`;
  const types = handlers.map(declarationOf);
  return {
    startRun(ticket) {
      const starting = startRun(api, {
        runId: ticket?.run_id ?? null,
        ticket: ticket?.ticket ?? null,
        worker: isolate,
        capacity: env.concurrency,
        types,
      });
      runner.awaitStart(starting);
      return starting;
    },
    launch: (runId) => runner.launch(runId),
    liveRuns: () => runner.liveRuns,
    metrics: () => readMetrics(otherApi),
    stopAll: (cause) => runner.stopAll(cause),
    isSecretKey: keyMatcher(env.secretKeys),
    isLegacyServiceKey: keyMatcher(env.legacyServiceKey ? [env.legacyServiceKey] : []),
    log: consoleLog,
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
