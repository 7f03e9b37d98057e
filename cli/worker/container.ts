import { fillCalendar } from "../../shared/adapters/data_api/calendar_api.ts";
import { declarationOf, openRunQueue, startRun } from "../../shared/adapters/data_api/run_queue.ts";
import { openBodyReader } from "../../shared/adapters/data_api/webhook_bodies.ts";
import { attemptScope } from "../../shared/adapters/runtime/attempt_scope.ts";
import { randomTraceBytes, systemClock } from "../../shared/adapters/runtime/clock.ts";
import type { ContainerEnv } from "../../shared/adapters/runtime/env.ts";
import { EventLoopMeter } from "../../shared/adapters/runtime/event_loop_meter.ts";
import { consoleLog } from "../../shared/adapters/runtime/log.ts";
import { repeatUntil } from "../../shared/adapters/runtime/repeat.ts";
import { terminal } from "../../shared/adapters/runtime/terminal.ts";
import { formatTraceparent, newTrace } from "../../shared/core/http/traceparent.ts";
import { indexHandlers, type JobHandler } from "../../shared/core/job/handler.ts";
import { ENDLESS } from "../../shared/core/run/budget.ts";
import { Drain, type DrainDeps } from "../../shared/worker/drain.ts";
import { Keeper, type KeeperState } from "../../shared/worker/keeper.ts";
import type { AttemptTag } from "../../shared/worker/ports.ts";
import type { DrainSettings } from "../../shared/worker/settings.ts";
import { StoredBodies } from "../../shared/worker/stored_bodies.ts";
import { UncaughtReport } from "../../shared/worker/uncaught_report.ts";
import type { Connection } from "./connection.ts";

/** How often the worker fills schedules. */
const FILL_EVERY_MS = 60_000;
/** Time for a handler that is aborted to end by itself. */
const HANDLER_GRACE_MS = 1_000;

/** A worker outside of Edge Functions: one run that goes on. */
export interface Container {
  keeper: Keeper;
  /** Logs what was thrown outside of every promise that is awaited. Never throws. */
  noteUncaught(thrown: unknown, tag: AttemptTag | undefined): void;
  /** Works until the keeper is retired. */
  run(): Promise<void>;
}

/** Creates a container worker on a connection. */
export function createContainer(
  env: ContainerEnv,
  api: Connection,
  meter: EventLoopMeter,
  handlers: readonly JobHandler[],
  changed: (state: KeeperState) => void,
): Container {
  const queue = openRunQueue(api);
  let drain: Drain | undefined;
  const uncaught = new UncaughtReport({
    log: consoleLog,
    running: () => drain?.tags() ?? [],
    now: () => performance.now(),
    show: env.showErrors ? terminal.uncaught : undefined,
  });
  const deps: DrainDeps = {
    ...{ queue, meter, clock: systemClock, log: consoleLog, scope: attemptScope },
    bodies: new StoredBodies(openBodyReader(api), systemClock),
    handlers: indexHandlers(handlers),
    random: Math.random,
    newTraceparent: () => formatTraceparent(newTrace(randomTraceBytes())),
    ...(env.showErrors ? { developer: terminal } : {}),
  };
  const types = handlers.map(declarationOf);
  const worker = `container-${crypto.randomUUID().slice(0, 8)}`;
  const request = { runId: null, ticket: null, worker, types, kind: "container" as const };
  const keeper = new Keeper({
    startRun: () => startRun(api, { ...request, capacity: env.concurrency }),
    openRun: (runId) => drain = new Drain(runId, deps, settingsOf(env)),
    giveUp: (runId) => queue.finish(runId, "error", 0),
    changed,
    ...{ clock: systemClock, random: Math.random, log: consoleLog },
  });
  return {
    keeper,
    noteUncaught: (thrown, tag) => uncaught.add(thrown, tag),
    async run() {
      meter.start();
      const ended = keeper.run();
      repeatUntil(ended, FILL_EVERY_MS, () => fill(api));
      await ended.finally(() => meter.stop());
    },
  };
}

/** A process outside of a platform has neither a wall clock nor a limit of CPU or of log lines. */
function settingsOf({ concurrency, maxBatch, pollMs }: ContainerEnv): DrainSettings {
  return {
    ...{ concurrency, maxBatch, budget: ENDLESS, idlePollMs: pollMs },
    ...{ wallClockMs: Infinity, cpuMs: Infinity, logLines: Infinity },
    graceMs: HANDLER_GRACE_MS,
  };
}

/** Fills schedules beside the jobs. A later call repeats what fails here. */
async function fill(api: Connection): Promise<void> {
  try {
    const schedules = await fillCalendar(api);
    if (schedules > 0) consoleLog.write("info", "calendar_filled", { values: { schedules } });
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.name : typeof thrown;
    consoleLog.write("warn", "calendar_unfilled", { reason });
  }
}
