import { JobForgeError } from "../core/errors.ts";
import { snakeName } from "./rows.ts";

/** Options of every call. */
export interface CallOptions {
  /** Ends the call, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Options of a job. `POST /enqueue` documents each of them. */
export interface EnqueueOptions extends CallOptions, JobOptions {
  /** The W3C trace that the job belongs to. */
  traceparent?: string;
}

/** Options of one job, in a call of its own or in a batch. */
export interface JobOptions {
  /** The same key and payload return the first job. Another payload is rejected. */
  idempotencyKey?: string;
  /** Seconds for which the key counts. Without it a key never expires. */
  idempotencyTtlSeconds?: number;
  /** Not before this time: a Date, or ISO 8601 with an offset. */
  runAt?: Date | string;
  /** From -100 to 100 within the queue. Smaller starts sooner. */
  priority?: number;
  queue?: string;
  maxAttempts?: number;
  timeoutMs?: number;
}

/** The names of the options of a job. */
export const JOB_OPTIONS = [
  ...["idempotencyKey", "idempotencyTtlSeconds", "runAt", "priority", "queue"] as const,
  ...["maxAttempts", "timeoutMs"] as const,
] satisfies (keyof JobOptions)[];

/**
 * Throws `invalid_argument` for a name that is not known, such as a misspelled one. `what` names
 * the kind of thing, such as `option`.
 */
export function checkNames(given: object, known: readonly string[], what: string): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new JobForgeError(
    "invalid_argument",
    `unknown ${what} ${unknown.slice(0, 100)}: there are ${known.join(", ")}`,
  );
}

/** Returns options by their names in SQL, without those that are undefined. */
export function snakeOptions(given: object): Record<string, unknown> {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [snakeName(name), timeText(name, value)]),
  );
}

/** Returns a time as text. Throws `invalid_argument` for an invalid Date. */
function timeText(name: string, value: unknown): unknown {
  if (!(value instanceof Date)) return value;
  if (!Number.isNaN(value.getTime())) return value.toISOString();
  throw new JobForgeError("invalid_argument", `${name} must be a time, not an invalid Date`);
}
