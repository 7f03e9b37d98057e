import type { Bytes } from "../encoding/bytes.ts";
import type { JobDefinition, PayloadOf, ResultOf } from "./job_type.ts";

/** The attempt as its handler sees it, with actions beside returning. */
export interface JobContext {
  readonly jobId: string;
  readonly tenantId: string;
  /** Creation time of the job, the same for every attempt: ISO 8601, UTC. */
  readonly createdAt: string;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** A signal that aborts when the job is canceled, times out, or the worker has to stop. */
  readonly signal: AbortSignal;
  /** W3C trace context for outgoing calls. */
  readonly traceparent: string;
  /** The job's ID, the same for every attempt. Send it with every outside effect. */
  readonly idempotencyKey: string;
  /**
   * Reports progress as JSON of up to 4 KiB, at most once a second. The last value wins. A value
   * that cannot be stored is logged as `progress_refused`.
   */
  progress(value: unknown): void;
  /**
   * Reads the body of the webhook that this job came from, if it is stored beside the job. An event
   * of `webhookEvent` does so by itself. Stored bodies of one isolate share 8 MiB: it waits until
   * other jobs have ended, or throws PostponeError. Throws PermanentError `no_stored_body`.
   */
  storedBody(): Promise<Bytes>;
  /**
   * Writes a log line, a few per run. Use a constant text as the message. Fields are numbers and
   * booleans, so that no payload content gets into the log. Any other value is logged as
   * `[refused]`.
   */
  log(message: string, fields?: Record<string, number | boolean>): void;
}

/** A handler attached to its definition. */
export interface JobHandler {
  readonly definition: JobDefinition;
  // The payload was checked against the definition before the call.
  // deno-lint-ignore no-explicit-any
  readonly run: (payload: any, ctx: JobContext) => unknown;
}

/** Returns a handler attached to its definition, from which its types follow. */
export function handle<Definition extends JobDefinition>(
  definition: Definition,
  run: (
    payload: PayloadOf<Definition>,
    ctx: JobContext,
  ) => ResultOf<Definition> | Promise<ResultOf<Definition>>,
): JobHandler {
  return { definition, run };
}

/** Returns handlers by type name. Throws a RangeError when a type has two. */
export function indexHandlers(handlers: readonly JobHandler[]): ReadonlyMap<string, JobHandler> {
  const byType = new Map<string, JobHandler>();
  for (const handler of handlers) {
    const { type } = handler.definition;
    if (byType.has(type)) throw new RangeError(`two handlers are given for ${type}`);
    byType.set(type, handler);
  }
  return byType;
}

/** What a handler error asks for. */
export type HandlerErrorKind = "permanent" | "retry" | "postpone";

/** The same for every copy of this module: a worker and its handlers may come from two bundles. */
const KIND = Symbol.for("jobforge.handler_error");

/** Returns what a thrown error asks for, or undefined for any other value. */
export function handlerErrorKind(thrown: unknown): HandlerErrorKind | undefined {
  return thrown instanceof Error ? (thrown as { [KIND]?: HandlerErrorKind })[KIND] : undefined;
}

function mark(error: Error, kind: HandlerErrorKind): void {
  Object.defineProperty(error, KIND, { value: kind });
}

/** Options of the handler errors. */
export interface HandlerErrorOptions {
  /** A stable reason in snake_case, stored with the attempt. */
  code?: string;
  /** The original error. It is neither stored nor logged, because it may quote a request. */
  cause?: unknown;
}

/** A permanent failure. Throw it when another attempt cannot succeed. The job ends as `failed`. */
export class PermanentError extends Error {
  readonly code: string;

  constructor(message: string, options: HandlerErrorOptions = {}) {
    super(message, options);
    this.name = "PermanentError";
    mark(this, "permanent");
    this.code = options.code ?? "permanent_error";
  }
}

/** The longest `afterMs`: 366 days, as far ahead as a job can be scheduled. */
export const MAX_AFTER_MS = 366 * 86_400_000;

/**
 * A retryable failure. Throw it to set the delay of the next attempt: `afterMs`, from 0 to
 * `MAX_AFTER_MS`. Without it the backoff of the job type applies. Any other number is a RangeError.
 */
export class RetryError extends Error {
  readonly code: string;
  readonly afterMs: number | undefined;

  constructor(message: string, options: HandlerErrorOptions & { afterMs?: number } = {}) {
    super(message, options);
    this.name = "RetryError";
    mark(this, "retry");
    this.code = options.code ?? "retry";
    this.afterMs = options.afterMs;
    if (options.afterMs !== undefined) requireDelay(options.afterMs);
  }
}

/**
 * A postponement. Throw it to wait without using up an attempt. The job is due again after
 * `afterMs` milliseconds, from 0 to `MAX_AFTER_MS`. Any other number is a RangeError.
 */
export class PostponeError extends Error {
  readonly code: string;
  readonly afterMs: number;

  constructor(message: string, options: HandlerErrorOptions & { afterMs: number }) {
    super(message, options);
    this.name = "PostponeError";
    mark(this, "postpone");
    this.code = options.code ?? "postponed";
    this.afterMs = options.afterMs;
    requireDelay(options.afterMs);
  }
}

function requireDelay(afterMs: number): void {
  if (typeof afterMs === "number" && afterMs >= 0 && afterMs <= MAX_AFTER_MS) return;
  throw new RangeError(
    `afterMs must be a number of milliseconds from 0 to ${MAX_AFTER_MS}, not ${String(afterMs)}`,
  );
}
