import type { Outcome } from "../core/outcome.ts";
import { parseTraceparent } from "../core/traceparent.ts";
import type { AttemptServices } from "./attempt.ts";
import type { ClaimedJob, RunLog } from "./ports.ts";

/** What attempts use of their run: its log, its outbox and a source of new traces. */
export function attemptServices(
  runId: number,
  log: RunLog,
  newTraceparent: () => string,
  setProgress: (jobId: string, value: unknown) => void,
): AttemptServices {
  return {
    // A handler that was told to stop has nothing more to report.
    progress: (attempt, value) => {
      if (!attempt.interruption) setProgress(attempt.jobId, value);
    },
    log: (attempt, message, values) =>
      log.write("info", "job_log", { ...jobFields(runId, attempt.job), message, values }),
    traceparent: (job) => parseTraceparent(job.traceparent) ? job.traceparent! : newTraceparent(),
  };
}

/** Logs a job that did not succeed, without its message: that may quote what it worked on. */
export function logUnsuccessful(
  runId: number,
  log: RunLog,
  job: ClaimedJob,
  outcome: Outcome,
): void {
  log.write("warn", "job_unsuccessful", {
    ...jobFields(runId, job),
    outcome: outcome.outcome,
    code: outcome.error?.code,
  });
}

function jobFields(runId: number, job: ClaimedJob) {
  return {
    run_id: runId,
    tenant_id: job.tenant_id,
    job_id: job.id,
    trace_id: parseTraceparent(job.traceparent)?.traceId,
    type: job.type,
    attempt: job.attempt,
  };
}
