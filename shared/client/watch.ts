import { isTerminal } from "../core/job/job_row.ts";
import { JobForgeError } from "../core/errors.ts";
import type { Calls } from "./calls.ts";
import { Hints } from "./hints.ts";
import type { Jobs } from "./jobs.ts";
import { type JobFilter, type JobPage, listJobs } from "./lists.ts";
import { type CallOptions, checkNames } from "./options.ts";
import type { Job } from "./rows.ts";

/** A job with its result, which is null until it has succeeded. */
export type WatchedJob<Result = unknown> = Job & { result: Result | null };

const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 2_000;
const GROWTH = 1.5;
/** While Realtime reports changes, a read only heals what was lost. */
const LIVE_DELAY_MS = 10_000;

/** Returns the longest pause between two reads. */
export function longestDelay(hints: Hints): number {
  return hints.isLive ? LIVE_DELAY_MS : MAX_DELAY_MS;
}

/** Yields a job now and after each change, until it has finished. */
export async function* watchJob(
  calls: Calls,
  jobs: Jobs,
  jobId: string,
  options: CallOptions,
): AsyncGenerator<WatchedJob, void, undefined> {
  checkNames(options, ["signal"], "option");
  const read = async () => {
    const texts = await jobs.texts(jobId, {}, options);
    const result = texts.status === "succeeded" ? jobs.result(texts) : null;
    return { ...jobs.job(texts), result };
  };
  for await (const job of changes(new Hints(calls, jobId), read, options)) {
    yield job;
    if (isTerminal(job.status)) return;
  }
}

/** Yields the newest page of a filter now and after each change. */
export async function* watchJobs(
  calls: Calls,
  filter: JobFilter,
  { limit, ...options }: CallOptions & { limit?: number },
): AsyncGenerator<JobPage, void, undefined> {
  const list = listJobs(calls, filter, options);
  const page = limit === undefined ? {} : { limit };
  yield* changes(new Hints(calls), () => list.page(page), options);
}

/** Yields what a read returns whenever it has changed. Failures that may pass are repeated. */
async function* changes<Value>(
  hints: Hints,
  read: () => Promise<Value>,
  { signal }: CallOptions,
): AsyncGenerator<Value, void, undefined> {
  let shown: string | undefined;
  let delay = FIRST_DELAY_MS;
  try {
    for (;;) {
      const value = await read().catch((thrown) => {
        signal?.throwIfAborted();
        if (thrown instanceof JobForgeError && thrown.retryable) return undefined;
        throw thrown;
      });
      const text = value && JSON.stringify(value, exactText);
      if (value !== undefined && text !== shown) {
        shown = text;
        yield value;
      }
      hints.start();
      await hints.pause(Math.min(delay, longestDelay(hints)), signal);
      delay = Math.min(LIVE_DELAY_MS, delay * GROWTH);
    }
  } finally {
    hints.stop();
  }
}

/** A number that JSON does not hold, as a text to compare. */
function exactText(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}
