import { parseJson, writeJson } from "../../shared/core/encoding/exact_json.ts";
import type { JobHandler } from "../../shared/core/job/handler.ts";
import { type OutcomeError, type OutcomeKind, timedOut } from "../../shared/core/job/outcome.ts";
import { Attempt, type AttemptServices } from "../../shared/worker/attempt.ts";
import { execute } from "../../shared/worker/execute.ts";
import type { ClaimedJob } from "../../shared/worker/ports.ts";
import { noStoredBody } from "../../shared/worker/stored_bodies.ts";

/** What times an attempt. Without one it is the time of the process. */
export interface RunJobClock {
  now(): Date;
  /** Returns what takes the callback back. */
  setTimer(callback: () => void, ms: number): () => void;
}

/** The attempt in which the handler runs. */
export interface RunJobOptions {
  jobId?: string;
  tenantId?: string;
  /** Number of the attempt, from 1. */
  attempt?: number;
  /** ISO 8601. */
  createdAt?: string;
  /** Times the attempt, for example a FakeClock. */
  clock?: RunJobClock;
  /** The body of a webhook that is stored beside its job. */
  storedBody?: Uint8Array<ArrayBuffer>;
}

/** What one attempt of a handler did. */
export interface JobRun {
  /** As the database records it. `succeeded` and `failed` end the job, `errored` may be retried. */
  outcome: OutcomeKind;
  /** The parsed result, as the client would read it. */
  result: unknown;
  error: OutcomeError | undefined;
  /** The delay that the handler chose, in milliseconds. */
  retryAfterMs: number | undefined;
  /** Each value that was passed to `progress`. */
  progress: unknown[];
  /** Each line that was passed to `log`. */
  logs: { message: string; fields: Record<string, unknown> | undefined }[];
  /** What the handler threw. */
  thrown: unknown;
}

const JOB_ID = "00000000-0000-7000-8000-000000000001";
const TENANT_ID = "11111111-1111-4111-8111-111111111111";

/**
 * Runs a handler once, as the worker does: the payload passes through JSON and is checked, the
 * timeout of the job type aborts `ctx.signal`, and the result is checked. It never rejects for what
 * the handler does.
 */
export async function runJob(
  handler: JobHandler,
  payload: unknown,
  options: RunJobOptions = {},
): Promise<JobRun> {
  const progress: unknown[] = [];
  const logs: JobRun["logs"] = [];
  const services: Omit<AttemptServices, "openBody"> = {
    progress: (_, value) => void progress.push(value),
    log: (_, message, fields) => void logs.push({ message, fields }),
    traceparent: () => "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
    tag: ({ id, tenant_id, type, attempt }) => ({ id, tenant_id, type, attempt }) as never,
  };
  const { storedBody } = options;
  const openBody = () => ({
    bytes: storedBody ? Promise.resolve(storedBody) : Promise.reject(noStoredBody()),
    release() {},
  });
  const attempt = new Attempt(jobOf(handler, payload, options), 0, 0, 0, { ...services, openBody });
  const { timeoutMs } = handler.definition;
  const stopTimer = (options.clock ?? REAL_CLOCK).setTimer(() => {
    const outcome = timedOut("timed_out", `the attempt took longer than ${timeoutMs} ms`);
    attempt.interrupt({ kind: "timed_out", outcome }, 0);
  }, timeoutMs);
  try {
    const { outcome, result, error, retry_after_ms } = attempt.conclude(
      await execute(handler, attempt),
    );
    return {
      outcome,
      result: result === undefined ? undefined : parseJson(result.text),
      error,
      retryAfterMs: retry_after_ms,
      ...{ progress, logs, thrown: attempt.thrown },
    };
  } finally {
    stopTimer();
  }
}

const REAL_CLOCK: RunJobClock = {
  now: () => new Date(),
  setTimer(callback, ms) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** An attempt of a job, and when it began. */
export interface TimedJobRun extends JobRun {
  attempt: number;
  /** ISO 8601. */
  startedAt: string;
}

/**
 * Runs a handler until its job ends: `succeeded`, `failed`, or no attempts left. Between attempts
 * it moves the clock by the delay that the handler chose, or by the backoff of the job type without
 * its random part. Returns the attempts.
 */
export async function runJobToEnd(
  handler: JobHandler,
  payload: unknown,
  options: RunJobOptions & { clock: RunJobClock & { advance(ms: number): Promise<void> } },
): Promise<TimedJobRun[]> {
  const { clock } = options;
  const { maxAttempts, backoff } = handler.definition;
  const createdAt = options.createdAt ?? clock.now().toISOString();
  const runs: TimedJobRun[] = [];
  for (let attempt = options.attempt ?? 1; runs.length < MAX_RUNS;) {
    const startedAt = clock.now().toISOString();
    const run = await runJob(handler, payload, { ...options, createdAt, attempt });
    runs.push({ ...run, attempt, startedAt });
    const isPostponed = run.outcome === "released";
    const isOver = run.outcome === "succeeded" || run.outcome === "failed";
    if (isOver || (!isPostponed && attempt >= maxAttempts)) return runs;
    const delay = Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.min(attempt - 1, 30));
    await clock.advance(run.retryAfterMs ?? delay);
    if (!isPostponed) attempt++;
  }
  throw new Error(`the job did not end within ${MAX_RUNS} runs of its handler`);
}

/** Runs after which a job that is postponed again and again is given up. */
const MAX_RUNS = 1_000;

function jobOf(handler: JobHandler, payload: unknown, options: RunJobOptions): ClaimedJob {
  const { type, timeoutMs, maxAttempts } = handler.definition;
  const createdAt = options.createdAt ?? options.clock?.now().toISOString() ??
    "2026-01-01T00:00:00Z";
  return {
    id: options.jobId ?? JOB_ID,
    tenant_id: options.tenantId ?? TENANT_ID,
    queue: "default",
    type,
    payload: parseJson(writeJson(payload ?? {})),
    attempt: options.attempt ?? 1,
    max_attempts: maxAttempts,
    lease_token: 1,
    timeout_ms: timeoutMs,
    traceparent: null,
    created_at: createdAt,
    run_at: createdAt,
  };
}
