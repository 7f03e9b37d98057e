import type { z } from "zod";
import { TYPE_NAME } from "./names.ts";

/** How a failed attempt is spaced from the next: `baseMs` doubled per attempt, up to `capMs`. */
export interface Backoff {
  baseMs: number;
  capMs: number;
}

/** A job type without its handler: what `enqueue` and applications import. */
export interface JobDefinition<
  Type extends string = string,
  Payload extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
> {
  readonly type: Type;
  /** Checked at enqueue and again before the handler; absent means any JSON. */
  readonly payload: Payload | undefined;
  /** Checked after the handler returned; absent means any JSON or nothing. */
  readonly result: Result | undefined;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly backoff: Backoff;
}

/** What `defineJob` takes; what is left out has the defaults below. */
export interface JobOptions<
  Type extends string,
  Payload extends z.ZodType,
  Result extends z.ZodType,
> {
  type: Type;
  payload?: Payload;
  result?: Result;
  timeoutMs?: number;
  maxAttempts?: number;
  backoff?: Partial<Backoff>;
}

/** Limits of one attempt and of retrying when a job type names none. */
export const JOB_DEFAULTS = {
  timeoutMs: 60_000,
  maxAttempts: 5,
  backoff: { baseMs: 1_000, capMs: 600_000 },
} as const;

/**
 * Declares a job type. `type` is a name such as `invoice.send`, times are milliseconds.
 * Throws a RangeError at once when a limit is outside what the database takes.
 */
export function defineJob<
  const Type extends string,
  Payload extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
>(options: JobOptions<Type, Payload, Result>): JobDefinition<Type, Payload, Result> {
  const definition = {
    type: options.type,
    payload: options.payload,
    result: options.result,
    timeoutMs: options.timeoutMs ?? JOB_DEFAULTS.timeoutMs,
    maxAttempts: options.maxAttempts ?? JOB_DEFAULTS.maxAttempts,
    backoff: { ...JOB_DEFAULTS.backoff, ...options.backoff },
  };
  checkLimits(definition);
  return Object.freeze(definition);
}

function checkLimits(definition: JobDefinition): void {
  const { type, timeoutMs, maxAttempts, backoff } = definition;
  if (!TYPE_NAME.test(type)) {
    throw new RangeError(
      `a job type must be a letter and up to 127 letters, digits or _ . : -, not ${type}`,
    );
  }
  requireRange(type, "timeoutMs", timeoutMs, 100, 86_400_000);
  requireRange(type, "maxAttempts", maxAttempts, 1, 1_000);
  requireRange(type, "backoff.baseMs", backoff.baseMs, 1, 86_400_000);
  requireRange(type, "backoff.capMs", backoff.capMs, backoff.baseMs, 86_400_000);
}

function requireRange(type: string, name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`${type}: ${name} must be a whole number from ${min} to ${max}`);
}

/** What a caller may enqueue for a definition (defaults of the schema may be left out). */
export type PayloadInput<Definition extends JobDefinition> = z.input<
  NonNullable<Definition["payload"]>
>;

/** What the handler of a definition receives. */
export type PayloadOf<Definition extends JobDefinition> = z.output<
  NonNullable<Definition["payload"]>
>;

/** What a succeeded job of a definition leaves behind. */
export type ResultOf<Definition extends JobDefinition> = z.output<
  NonNullable<Definition["result"]>
>;

/** The type names a list of definitions knows. */
export type TypeIn<Definitions extends readonly JobDefinition[]> = Definitions[number]["type"];

/** The definition of one type name within a list; any definition where the names are unknown. */
export type DefinitionOf<
  Definitions extends readonly JobDefinition[],
  Type extends TypeIn<Definitions>,
> = string extends TypeIn<Definitions> ? JobDefinition
  : Extract<Definitions[number], { type: Type }>;

/** Definitions by type name; throws a RangeError when two have the same name. */
export function indexDefinitions(
  definitions: readonly JobDefinition[],
): ReadonlyMap<string, JobDefinition> {
  const byType = new Map<string, JobDefinition>();
  for (const definition of definitions) {
    if (byType.has(definition.type)) {
      throw new RangeError(`two job types are called ${definition.type}`);
    }
    byType.set(definition.type, definition);
  }
  return byType;
}
