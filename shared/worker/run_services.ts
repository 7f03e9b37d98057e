import { type JsonText, storableJson } from "../core/encoding/json.ts";
import { parseTraceparent } from "../core/http/traceparent.ts";
import type { Outcome } from "../core/job/outcome.ts";
import type { AttemptServices } from "./attempt.ts";
import type { ClaimedJob, RunLog } from "./ports.ts";
import type { StoredBodies } from "./stored_bodies.ts";

/** The dependencies of the services of attempts. */
export interface ServiceDeps {
  runId: number;
  log: RunLog;
  newTraceparent(): string;
  bodies: StoredBodies;
  setProgress(jobId: string, value: JsonText): void;
}

const MAX_PROGRESS_BYTES = 4 * 1024;

/** Returns the services of attempts: the run's log, its outbox and a source of new traces. */
export function attemptServices(deps: ServiceDeps): AttemptServices {
  const { runId, log, newTraceparent, bodies, setProgress } = deps;
  return {
    progress(attempt, value) {
      // An aborted handler has nothing more to report.
      if (attempt.interruption || attempt.isOver) return;
      const check = storableJson(value, MAX_PROGRESS_BYTES);
      if (check.ok) return setProgress(attempt.jobId, check.json);
      const fields = jobFields(runId, attempt.job, newTraceparent);
      log.write("warn", "progress_refused", { ...fields, reason: check.refusal });
    },
    log: (attempt, message, values) =>
      log.write("info", "job_log", {
        ...jobFields(runId, attempt.job, newTraceparent),
        ...{ message, values },
      }),
    openBody: ({ job, signal }) => bodies.open(runId, job, signal),
    traceparent: (job) => traceOf(job, newTraceparent),
    tag: ({ tenant_id, id, type, attempt }) => ({
      ...{ runId, tenantId: tenant_id, jobId: id, type, attempt },
    }),
  };
}

/** Returns the trace of a job. A job without one gets a new trace, the same for handler and log. */
function traceOf(job: ClaimedJob, newTraceparent: () => string): string {
  if (!parseTraceparent(job.traceparent)) job.traceparent = newTraceparent();
  return job.traceparent!;
}

/** Logs an unsuccessful job without its message, which may quote a payload. */
export function logUnsuccessful(
  runId: number,
  log: RunLog,
  job: ClaimedJob,
  outcome: Outcome,
  newTraceparent: () => string,
): void {
  log.write("warn", "job_unsuccessful", {
    ...jobFields(runId, job, newTraceparent),
    outcome: outcome.outcome,
    code: outcome.error?.code,
  });
}

function jobFields(runId: number, job: ClaimedJob, newTraceparent: () => string) {
  return {
    run_id: runId,
    tenant_id: job.tenant_id,
    job_id: job.id,
    trace_id: parseTraceparent(traceOf(job, newTraceparent))?.traceId,
    type: job.type,
    attempt: job.attempt,
  };
}
