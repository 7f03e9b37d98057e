import type { RunApi } from "../../../shared/adapters/data_api/data_api.ts";
import { openBodyReader } from "../../../shared/adapters/data_api/webhook_bodies.ts";
import { openRunQueue } from "../../../shared/adapters/data_api/run_queue.ts";
import { attemptScope } from "../../../shared/adapters/runtime/attempt_scope.ts";
import { randomTraceBytes, systemClock } from "../../../shared/adapters/runtime/clock.ts";
import { isEdgeRuntime, keepAlive } from "../../../shared/adapters/runtime/edge_runtime.ts";
import type { WorkerEnv } from "../../../shared/adapters/runtime/env.ts";
import { consoleLog } from "../../../shared/adapters/runtime/log.ts";
import type { EventLoopMeter } from "../../../shared/adapters/runtime/event_loop_meter.ts";
import { repeatUntil } from "../../../shared/adapters/runtime/repeat.ts";
import { formatTraceparent, newTrace } from "../../../shared/core/http/traceparent.ts";
import { indexHandlers, type JobHandler } from "../../../shared/core/job/handler.ts";
import {
  cpuBudgetOfRun,
  graceOf,
  longestAttemptMs,
  planRun,
  wallClockOfRun,
} from "../../../shared/core/run/budget.ts";
import type { EndReason } from "../../../shared/core/run/next_step.ts";
import { Drain, type DrainDeps, type StopCause } from "../../../shared/worker/drain.ts";
import type { AttemptTag, DeveloperView } from "../../../shared/worker/ports.ts";
import type { DrainSettings } from "../../../shared/worker/settings.ts";
import { StoredBodies } from "../../../shared/worker/stored_bodies.ts";
import { UncaughtReport } from "../../../shared/worker/uncaught_report.ts";

/** The edge runtime retires an isolate after 1 s of CPU and kills it at 2 s. */
const EDGE_CPU_MS = 1_000;
/** How often a run that goes on fills schedules. */
const FILL_EVERY_MS = 60_000;
/** An isolate is older than its runner by the time it takes to load its modules. */
const LOADED_MS = 1_000;
/** The platform drops lines beyond 100 in ten seconds. A terminal shows all that a run logs. */
const LOG_LINES = 20;
const LOG_LINES_SHOWN = 1_000;

/** A developer's terminal. */
export interface Terminal extends DeveloperView {
  uncaught(thrown: unknown, tag: AttemptTag | undefined): void;
}

/** Runs drains in the background. Which runs are live is all that requests of an isolate share. */
export class Runner {
  readonly #live = new Set<Drain>();
  readonly #deps: DrainDeps;
  readonly #meter: EventLoopMeter;
  readonly #fillCalendar: () => Promise<number>;
  readonly #env: WorkerEnv;
  readonly #loadedAt = performance.now();
  readonly #uncaught: UncaughtReport;
  #stopped: EndReason | undefined;

  constructor(
    api: RunApi,
    meter: EventLoopMeter,
    handlers: readonly JobHandler[],
    fillCalendar: () => Promise<number>,
    env: WorkerEnv,
    terminal?: Terminal,
  ) {
    this.#meter = meter;
    this.#fillCalendar = fillCalendar;
    this.#env = env;
    this.#uncaught = new UncaughtReport({
      log: consoleLog,
      running: () => [...this.#live].flatMap((drain) => drain.tags()),
      now: () => performance.now(),
      show: terminal && ((thrown, tag) => terminal.uncaught(thrown, tag)),
    });
    this.#deps = {
      queue: openRunQueue(api),
      handlers: indexHandlers(handlers),
      clock: systemClock,
      meter,
      log: consoleLog,
      random: Math.random,
      newTraceparent: () => formatTraceparent(newTrace(randomTraceBytes())),
      scope: attemptScope,
      bodies: new StoredBodies(openBodyReader(api), systemClock),
      ...(terminal ? { developer: terminal } : {}),
    };
  }

  get liveRuns(): number {
    return this.#live.size;
  }

  /** Keeps the isolate alive while a run starts. One that starts after the stop ends at once. */
  awaitStart(starting: Promise<number>): void {
    keepAlive(
      starting.then(async (runId) => {
        if (this.#stopped) await this.#deps.queue.finish(runId, this.#stopped, 0);
      }).catch(() => {}),
    );
  }

  /** Logs what was thrown outside of every promise that is awaited. Never throws. */
  noteUncaught(thrown: unknown, tag: AttemptTag | undefined): void {
    this.#uncaught.add(thrown, tag);
  }

  /** Begins to drain and keeps the isolate alive until the run has ended. */
  launch(runId: number): void {
    if (this.#stopped) return;
    const drained = this.#drain(runId);
    keepAlive(drained);
    keepAlive(repeatUntil(drained, FILL_EVERY_MS, () => this.#fill(runId)));
  }

  /** Stops every run at once. Each reports and releases by itself. */
  stopAll(cause: StopCause): void {
    this.#stopped = cause === "memory" ? "shutdown" : cause;
    for (const drain of this.#live) drain.stop(cause);
  }

  async #drain(runId: number): Promise<void> {
    this.#meter.start();
    const drain = new Drain(runId, this.#deps, this.#settings());
    this.#live.add(drain);
    try {
      await drain.run();
    } catch (thrown) {
      // After a fault of the worker itself, its jobs are released now rather than by expiry.
      consoleLog.write("error", "run_failed", { run_id: runId, reason: nameOf(thrown) });
      await this.#deps.queue.finish(runId, "error", 0).catch(() => {});
    } finally {
      this.#live.delete(drain);
      this.#meter.stop();
    }
  }

  /** Fills schedules beside the jobs. A later run repeats what fails here. */
  async #fill(runId: number): Promise<void> {
    try {
      const schedules = await this.#fillCalendar();
      if (schedules > 0) {
        consoleLog.write("info", "calendar_filled", { run_id: runId, values: { schedules } });
      }
    } catch (thrown) {
      consoleLog.write("warn", "calendar_unfilled", { run_id: runId, reason: nameOf(thrown) });
    }
  }

  #settings(): DrainSettings {
    const { concurrency, cpuMs, maxBatch, showErrors, wallClockMs } = this.#env;
    // Only the platform ends an isolate at an age.
    const ageMs = isEdgeRuntime() ? performance.now() - this.#loadedAt + LOADED_MS : 0;
    const budget = planRun(wallClockOfRun(wallClockMs, ageMs), longestAttemptMs(wallClockMs));
    const isolateCpuMs = cpuMs ?? (isEdgeRuntime() ? EDGE_CPU_MS : Infinity);
    return {
      ...{ concurrency, maxBatch, budget, wallClockMs },
      cpuMs: cpuBudgetOfRun(isolateCpuMs, this.#meter.busyMs()),
      graceMs: graceOf(budget),
      logLines: showErrors ? LOG_LINES_SHOWN : LOG_LINES,
    };
  }
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : typeof thrown;
}
