import type { LogFields } from "../core/log/log_record.ts";
import type { RunLog } from "./ports.ts";
import type { EndReason } from "../core/run/next_step.ts";

/** The report of a run, for its log line and its caller. */
export interface RunReport {
  runId: number;
  /** `run_ended` when the database gave up the run. */
  reason: EndReason | "run_ended";
  claimed: number;
  succeeded: number;
  unsuccessful: number;
  released: number;
  stale: number;
  calls: number;
  failedCalls: number;
  cpuMs: number;
  durationMs: number;
}

/** Returns an empty report. */
export function newReport(runId: number): RunReport {
  return {
    runId,
    reason: "drained",
    claimed: 0,
    succeeded: 0,
    unsuccessful: 0,
    released: 0,
    stale: 0,
    calls: 0,
    failedCalls: 0,
    cpuMs: 0,
    durationMs: 0,
  };
}

/** Adds the counters of a report to totals. */
export function addReport(totals: RunReport, report: RunReport): void {
  totals.claimed += report.claimed;
  totals.succeeded += report.succeeded;
  totals.unsuccessful += report.unsuccessful;
  totals.released += report.released;
  totals.stale += report.stale;
  totals.calls += report.calls;
  totals.failedCalls += report.failedCalls;
}

/** Returns the report as fields of a log line. */
export function reportFields(report: RunReport): LogFields {
  return {
    run_id: report.runId,
    reason: report.reason,
    claimed: report.claimed,
    succeeded: report.succeeded,
    unsuccessful: report.unsuccessful,
    released: report.released,
    stale: report.stale,
    calls: report.calls,
    failed_calls: report.failedCalls,
    cpu_ms: report.cpuMs,
    duration_ms: report.durationMs,
  };
}

/**
 * A log of at most `lines` lines, because the platform drops lines beyond 100 in ten seconds.
 * `suppressed` counts the rest.
 */
export class BoundedLog implements RunLog {
  suppressed = 0;
  #left: number;
  readonly #log: RunLog;

  constructor(log: RunLog, lines: number) {
    this.#log = log;
    this.#left = lines;
  }

  write(...line: Parameters<RunLog["write"]>): void {
    if (this.#left > 0) {
      this.#left--;
      this.#log.write(...line);
    } else this.suppressed++;
  }
}
