import { longestAttemptMs, PLATFORM_WALL_CLOCK_MS } from "../run/budget.ts";
import { TYPE_NAME } from "./names.ts";
import type { Schema, SchemaInput, SchemaOutput } from "./schema.ts";

/** Delays between attempts: `baseMs` doubled per attempt, up to `capMs`. */
export interface Backoff {
  baseMs: number;
  capMs: number;
}

/**
 * What runs jobs: an Edge Function, which the dispatcher calls, or a container, which polls.
 */
export type WorkerKind = "edge" | "container";

/** A job type without its handler, imported by `enqueue` and applications. */
export interface JobDefinition<
  Type extends string = string,
  Payload extends Schema = Schema,
  Result extends Schema = Schema,
> {
  readonly type: Type;
  /** Payload schema, checked at enqueue and before the handler. Undefined allows any JSON. */
  readonly payload: Payload | undefined;
  /** Result schema, checked after the handler. Undefined allows any JSON or no result. */
  readonly result: Result | undefined;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  /** The only kind of worker that runs the type. Undefined allows any. */
  readonly runsOn: WorkerKind | undefined;
}

/** Options of `defineJob`. The defaults are `JOB_DEFAULTS`. */
export interface JobOptions<
  Type extends string,
  Payload extends Schema,
  Result extends Schema,
> {
  type: Type;
  payload?: Payload;
  result?: Result;
  timeoutMs?: number;
  maxAttempts?: number;
  backoff?: Partial<Backoff>;
  runsOn?: WorkerKind;
}

/** Default limits of one attempt and of retrying. */
export const JOB_DEFAULTS = {
  timeoutMs: 60_000,
  maxAttempts: 5,
  backoff: { baseMs: 2_000, capMs: 3_600_000 },
} as const;

/**
 * Returns the declaration of a job type. `type` is a name such as `invoice.send`, times are
 * milliseconds. Throws a RangeError for a limit that the database would reject. Warns of a timeout
 * that no Edge Function can keep, unless the type runs in containers only.
 */
export function defineJob<
  const Type extends string,
  Payload extends Schema = Schema,
  Result extends Schema = Schema,
>(options: JobOptions<Type, Payload, Result>): JobDefinition<Type, Payload, Result> {
  const definition = {
    type: options.type,
    payload: options.payload,
    result: options.result,
    timeoutMs: options.timeoutMs ?? JOB_DEFAULTS.timeoutMs,
    maxAttempts: options.maxAttempts ?? JOB_DEFAULTS.maxAttempts,
    backoff: { ...JOB_DEFAULTS.backoff, ...options.backoff },
    runsOn: options.runsOn,
  };
  checkLimits(definition);
  warnOfLongTimeout(definition);
  return Object.freeze(definition);
}

function checkLimits(definition: JobDefinition): void {
  const { type, timeoutMs, maxAttempts, backoff, runsOn } = definition;
  if (!TYPE_NAME.test(type)) {
    throw new RangeError(
      `a job type must be a letter and up to 127 letters, digits or _ . : -, not ${type}`,
    );
  }
  requireRange(type, "timeoutMs", timeoutMs, 100, 86_400_000);
  requireRange(type, "maxAttempts", maxAttempts, 1, 1_000);
  requireRange(type, "backoff.baseMs", backoff.baseMs, 1, 86_400_000);
  requireRange(type, "backoff.capMs", backoff.capMs, backoff.baseMs, 86_400_000);
  if (runsOn !== undefined && runsOn !== "edge" && runsOn !== "container") {
    throw new RangeError(`${type}: runsOn must be edge or container`);
  }
}

function warnOfLongTimeout({ type, timeoutMs, runsOn }: JobDefinition): void {
  const { free, paid } = PLATFORM_WALL_CLOCK_MS;
  const longest = longestAttemptMs(paid);
  if (timeoutMs <= longest || runsOn === "container") return;
  console.warn(
    `${type}: timeoutMs is ${timeoutMs}, but an attempt in an Edge Function lasts at most ` +
      `${longest} ms. That needs JOBFORGE_WALL_CLOCK_MS=${paid} and a paid plan: its default ` +
      `${free} allows ${longestAttemptMs(free)} ms. Split the job, use a shorter timeout, or set ` +
      `runsOn: "container".`,
  );
}

function requireRange(type: string, name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`${type}: ${name} must be an integer from ${min} to ${max}`);
}

/** The payload to enqueue, in which defaults of the schema may be left out. */
export type PayloadInput<Definition extends JobDefinition> = SchemaInput<
  NonNullable<Definition["payload"]>
>;

/** The payload that a handler receives. */
export type PayloadOf<Definition extends JobDefinition> = SchemaOutput<
  NonNullable<Definition["payload"]>
>;

/** The result of a succeeded job. */
export type ResultOf<Definition extends JobDefinition> = SchemaOutput<
  NonNullable<Definition["result"]>
>;

/** The type names of a list of definitions. */
export type TypeIn<Definitions extends readonly JobDefinition[]> = Definitions[number]["type"];

/** The definition of one type name within a list, or any definition when the names are unknown. */
export type DefinitionOf<
  Definitions extends readonly JobDefinition[],
  Type extends TypeIn<Definitions>,
> = string extends TypeIn<Definitions> ? JobDefinition
  : Extract<Definitions[number], { type: Type }>;

/** Returns definitions by type name. Throws a RangeError when two have the same name. */
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
