import { announcement } from "../../../shared/adapters/data_api/announcement.ts";
import { fillCalendar } from "../../../shared/adapters/data_api/calendar_api.ts";
import type { DataApi } from "../../../shared/adapters/data_api/data_api.ts";
import { readMetrics } from "../../../shared/adapters/data_api/metrics_api.ts";
import { openDataApi } from "../../../shared/adapters/data_api/open_data_api.ts";
import { declarationOf, startRun } from "../../../shared/adapters/data_api/run_queue.ts";
import { keyMatcher } from "../../../shared/adapters/http/key_match.ts";
import type { WorkerEnv } from "../../../shared/adapters/runtime/env.ts";
import { consoleLog } from "../../../shared/adapters/runtime/log.ts";
import { terminal } from "../../../shared/adapters/runtime/terminal.ts";
import { EventLoopMeter } from "../../../shared/adapters/runtime/event_loop_meter.ts";
import { keyHeaders } from "../../../shared/core/http/credential.ts";
import type { JobHandler } from "../../../shared/core/job/handler.ts";
import type { StopCause } from "../../../shared/worker/drain.ts";
import type { AttemptTag } from "../../../shared/worker/ports.ts";
import { versionProblemOf } from "../../../shared/core/version.ts";
import { longestAttemptMs } from "../../../shared/core/run/budget.ts";
import type { WorkerDeps } from "./app.ts";
import { Runner } from "./runner.ts";

/** What the entry point connects to events of the runtime. */
export interface RuntimeEvents {
  stopAll(cause: StopCause): void;
  /** Logs what was thrown outside of every promise that is awaited. Never throws. */
  noteUncaught(thrown: unknown, tag: AttemptTag | undefined): void;
}

/** Creates the worker's dependencies, and what events of the runtime call. */
export function createDeps(
  env: WorkerEnv,
  makeHandlers: (api: DataApi) => readonly JobHandler[],
): WorkerDeps & RuntimeEvents {
  const meter = new EventLoopMeter();
  const { supabaseUrl, serviceKey } = env;
  const headers = keyHeaders(serviceKey);
  const api = openDataApi({ supabaseUrl, headers, onReply: () => void meter.enter() });
  const handlers = makeHandlers(api);
  const calendar = () => fillCalendar(api);
  const runner = new Runner(
    api,
    meter,
    handlers,
    calendar,
    env,
    env.showErrors ? terminal : undefined,
  );
  warnOfLongTimeouts(handlers, env.wallClockMs);
  const isolate = `isolate-${crypto.randomUUID().slice(0, 8)}`;
  const types = handlers.map(declarationOf);
  let versionProblem: string | undefined;
  return {
    startRun(ticket) {
      const starting = startRun(api, {
        runId: ticket?.run_id ?? null,
        ticket: ticket?.ticket ?? null,
        worker: isolate,
        capacity: env.concurrency,
        types,
        kind: "edge",
      });
      runner.awaitStart(starting);
      starting.then(() => versionProblem = undefined, (thrown) => {
        versionProblem = versionProblemOf(thrown);
      });
      return starting;
    },
    launch: (runId) => runner.launch(runId),
    liveRuns: () => runner.liveRuns,
    announce: announcement({ api, supabaseUrl, log: consoleLog, now: () => performance.now() }),
    versionProblem: () => versionProblem,
    metrics: () => readMetrics(api),
    stopAll: (cause) => runner.stopAll(cause),
    noteUncaught: (thrown, tag) => runner.noteUncaught(thrown, tag),
    isSecretKey: keyMatcher(env.secretKeys),
    isLegacyServiceKey: keyMatcher(env.legacyServiceKey ? [env.legacyServiceKey] : []),
    log: consoleLog,
  };
}

/** Logs each job type whose timeout is longer than an attempt can last here. */
function warnOfLongTimeouts(handlers: readonly JobHandler[], wallClockMs: number): void {
  const longest_ms = longestAttemptMs(wallClockMs);
  for (const { definition: { type, timeoutMs, runsOn } } of handlers) {
    if (timeoutMs <= longest_ms || runsOn === "container") continue;
    consoleLog.write("warn", "timeout_not_kept", {
      type,
      message: "an attempt ends sooner: raise JOBFORGE_WALL_CLOCK_MS to the limit of your plan",
      values: { timeout_ms: timeoutMs, longest_ms, wall_clock_ms: wallClockMs },
    });
  }
}
