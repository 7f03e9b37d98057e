import { JobForgeError } from "../core/errors.ts";
import { isTerminal, type JobStatus } from "../core/job/job_row.ts";
import { Hints } from "./hints.ts";
import type { Jobs, JobTexts } from "./jobs.ts";
import { type CallOptions, checkNames } from "./options.ts";
import type { Job } from "./rows.ts";
import { longestDelay } from "./watch.ts";

/** A finished job. Only a succeeded one has a result. */
export type FinishedJob<Result = unknown> =
  & Omit<Job, "status">
  & (
    | { status: "succeeded"; result: Result }
    | { status: "failed" | "dead" | "canceled"; result: null }
  );

/** Options of waiting for a job. */
export interface WaitOptions extends CallOptions {
  /** Milliseconds before `wait_timeout` is thrown (default: 60 000). The job goes on. */
  timeoutMs?: number;
  onProgress?: (progress: unknown, job: Job) => void;
}

const TIMEOUT_MS = 60_000;
const CALL_TIMEOUT_MS = 10_000;
const FIRST_DELAY_MS = 200;
/** Most jobs have finished by then, so only the others are watched. */
const WATCHED_AFTER_MS = 1_000;
/** Between calls that fail. */
const MAX_BACKOFF_MS = 5_000;
const GROWTH = 1.5;
/** Milliseconds in which a job that was enqueued may not be visible yet. */
const VISIBLE_AFTER_MS = 15_000;

/**
 * Waits for the end of a job. Failures that may pass are repeated until `timeoutMs`. `isKnown` is
 * true for a job that an enqueue returned: it exists, even if a read does not find it yet.
 */
export async function waitForJob(
  jobs: Jobs,
  jobId: string,
  isKnown: boolean,
  options: WaitOptions,
): Promise<FinishedJob> {
  checkNames(options, ["timeoutMs", "signal", "onProgress"], "option");
  const { signal, timeoutMs = TIMEOUT_MS } = options;
  requireDuration(timeoutMs);
  const startedAt = performance.now();
  const waited = () => performance.now() - startedAt;
  const look = lookAt(jobs, jobId, options);
  const hints = new Hints(jobs.calls, jobId);
  let delay = FIRST_DELAY_MS;
  let state: JobStatus | JobForgeError;
  try {
    for (;;) {
      const left = timeoutMs - waited();
      try {
        const texts = await look(Math.min(CALL_TIMEOUT_MS, Math.max(left, FIRST_DELAY_MS)));
        if (isTerminal(texts.status)) return finished(jobs, texts);
        state = texts.status;
      } catch (thrown) {
        signal?.throwIfAborted();
        const isLate = isKnown && waited() < VISIBLE_AFTER_MS;
        state = passing(thrown, isLate);
      }
      const rest = timeoutMs - waited();
      if (rest <= 0) throw timedOut(state);
      if (waited() > WATCHED_AFTER_MS) hints.start();
      await hints.pause(Math.min(Math.max(delay, pauseOf(state)), rest), signal);
      const longest = typeof state === "string" ? longestDelay(hints) : MAX_BACKOFF_MS;
      delay = Math.min(longest, delay * GROWTH);
    }
  } finally {
    hints.stop();
  }
}

function requireDuration(timeoutMs: number): void {
  if (typeof timeoutMs === "number" && timeoutMs >= 0) return;
  throw new JobForgeError("invalid_argument", "timeoutMs must be a number of milliseconds from 0");
}

/** Returns a read of the job that reports its progress when it has changed. */
function lookAt(jobs: Jobs, jobId: string, { onProgress, signal }: WaitOptions) {
  let shown: string | null = null;
  return async (timeoutMs: number): Promise<JobTexts> => {
    const texts = await jobs.texts(jobId, {}, { timeoutMs, ...(signal ? { signal } : {}) });
    if (texts.progress !== shown && onProgress) {
      const job = jobs.job(texts);
      onProgress(job.progress, job);
    }
    shown = texts.progress;
    return texts;
  };
}

function finished(jobs: Jobs, texts: JobTexts): FinishedJob {
  const result = texts.status === "succeeded" ? jobs.result(texts) : null;
  return { ...jobs.job(texts), result } as FinishedJob;
}

/** Returns a failure that may pass, and throws any other one. */
function passing(thrown: unknown, isLate: boolean): JobForgeError {
  if (!(thrown instanceof JobForgeError)) throw thrown;
  if (thrown.retryable || (thrown.code === "not_found" && isLate)) return thrown;
  throw thrown;
}

function pauseOf(state: JobStatus | JobForgeError): number {
  return typeof state === "string" ? 0 : (state.extras.retryAfterSeconds ?? 0) * 1_000;
}

function timedOut(state: JobStatus | JobForgeError): JobForgeError {
  const last = typeof state === "string"
    ? `the job is still ${state}`
    : `the last call failed with ${state.code}: ${state.message}`;
  return new JobForgeError("wait_timeout", `${last}. Wait again with a longer timeoutMs`);
}
