import type { JobDefinition, PayloadOf, ResultOf } from "./job_type.ts";

/** What a handler knows about its attempt, and what it may do beside returning. */
export interface JobContext {
  readonly jobId: string;
  readonly tenantId: string;
  /** When the job was made, the same for every attempt: ISO 8601, UTC. */
  readonly createdAt: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Aborts when the job is canceled, times out, or the worker has to stop. */
  readonly signal: AbortSignal;
  /** W3C trace context to send on with outgoing calls. */
  readonly traceparent: string;
  /** The same for every attempt of a job (its id): send it with every outside effect. */
  readonly idempotencyKey: string;
  /** Reports progress (JSON up to 4 KiB); the last value wins, sent at most once a second. */
  progress(value: unknown): void;
  /**
   * Writes a log line, a few per run. The message is to be a constant text; fields are numbers
   * and booleans, so that nothing of a payload gets into the log.
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

/** Attaches a handler to a definition; payload and result types follow from it. */
export function handle<Definition extends JobDefinition>(
  definition: Definition,
  run: (
    payload: PayloadOf<Definition>,
    ctx: JobContext,
  ) => ResultOf<Definition> | Promise<ResultOf<Definition>>,
): JobHandler {
  return { definition, run };
}

/** Handlers by type name; throws a RangeError when a type has two. */
export function indexHandlers(handlers: readonly JobHandler[]): ReadonlyMap<string, JobHandler> {
  const byType = new Map<string, JobHandler>();
  for (const handler of handlers) {
    const { type } = handler.definition;
    if (byType.has(type)) throw new RangeError(`two handlers are given for ${type}`);
    byType.set(type, handler);
  }
  return byType;
}

/** What every error of a handler may carry beside its message. */
export interface HandlerErrorOptions {
  /** A stable name of the reason in snake_case, stored with the attempt. */
  code?: string;
  /** The error behind this one. Neither stored nor logged: it may quote a request. */
  cause?: unknown;
}

/** Thrown by a handler when trying again cannot help: the job ends as `failed`. */
export class PermanentError extends Error {
  readonly code: string;

  constructor(message: string, options: HandlerErrorOptions = {}) {
    super(message, options);
    this.name = "PermanentError";
    this.code = options.code ?? "permanent_error";
  }
}

/** Thrown by a handler to name when (milliseconds from now) and why the job should be retried. */
export class RetryError extends Error {
  readonly code: string;
  readonly afterMs: number | undefined;

  constructor(message: string, options: HandlerErrorOptions & { afterMs?: number } = {}) {
    super(message, options);
    this.name = "RetryError";
    this.code = options.code ?? "retry";
    this.afterMs = options.afterMs;
  }
}

/**
 * Thrown by a handler that must not start yet: the job is handed back, its attempt unspent, and
 * is due again `afterMs` milliseconds from now.
 */
export class PostponeError extends Error {
  readonly code: string;
  readonly afterMs: number;

  constructor(message: string, options: HandlerErrorOptions & { afterMs: number }) {
    super(message, options);
    this.name = "PostponeError";
    this.code = options.code ?? "postponed";
    this.afterMs = options.afterMs;
  }
}
