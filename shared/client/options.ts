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
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new JobForgeError("invalid_argument", `each ${what} must be a member of an object`);
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new JobForgeError(
    "invalid_argument",
    `unknown ${what} ${unknown.slice(0, 100)}: there are ${known.join(", ")}`,
  );
}

/**
 * Returns options by their names in SQL, without those that are undefined. Throws
 * `invalid_argument` for a time or an integer that is none.
 */
export function snakeOptions(given: object): Record<string, unknown> {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [name, value] of entries) requireInteger(name, value);
  return Object.fromEntries(
    entries.map(([name, value]) => [snakeName(name), timeText(name, value)]),
  );
}

const TIMES = ["runAt", "createdAfter", "createdBefore"];
const INTEGERS = ["idempotencyTtlSeconds", "priority", "maxAttempts", "timeoutMs"];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

function timeText(name: string, value: unknown): unknown {
  if (!TIMES.includes(name)) return value;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  if (typeof value === "string" && TIME.test(value)) return value;
  const form = "a Date or ISO 8601 with an offset, such as 2026-01-12T09:00:00Z";
  throw new JobForgeError("invalid_argument", `${name} must be ${form}`);
}

function requireInteger(name: string, value: unknown): void {
  if (!INTEGERS.includes(name) || value === null || Number.isInteger(value)) return;
  throw new JobForgeError("invalid_argument", `${name} must be an integer`);
}

/** Returns whether a value is a UUID. */
export function isUuid(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value);
}

/** Returns a UUID. Throws `invalid_argument` for any other value. */
export function uuid(name: string, value: unknown): string {
  if (isUuid(value)) return value;
  throw new JobForgeError("invalid_argument", `${name} must be a UUID`);
}
