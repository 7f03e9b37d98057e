import { z } from "zod";
import { type AnyNumber, isBeyondNumber } from "../encoding/exact_number.ts";
import type { Json } from "../encoding/json.ts";

export { isBeyondNumber };

/** A JSON value with numbers that no `number` holds. */
export type ExactJson = Json | AnyNumber | ExactJson[] | { [name: string]: ExactJson };

const DECIMAL = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * Returns the schema of a decimal number of any size, which a handler receives as its text. It takes
 * every JSON number, and texts such as "12.50".
 */
export function decimal() {
  return z.custom<AnyNumber | string>((value) =>
    typeof value === "number" ? Number.isFinite(value) : isBeyondNumber(value) || isDecimal(value)
  ).transform(String);
}

function isDecimal(value: unknown): boolean {
  return typeof value === "string" && DECIMAL.test(value);
}

/** Returns the schema of any JSON. Its numbers stay exact. */
export function anyJson() {
  return z.custom<ExactJson>((value) => value !== undefined);
}

/** The outcome of `parseNumbers`. */
export type NumbersParsed = { ok: true; data: unknown } | { ok: false; error: z.ZodError };

/**
 * Parses with a schema. An integer is a bigint where the schema has `z.bigint()`: JSON has one kind
 * of number.
 */
export function parseNumbers(schema: z.ZodType, value: unknown): NumbersParsed {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, data: parsed.data };
  const converted = convert(value, parsed.error);
  if (converted === value) return { ok: false, error: parsed.error };
  const again = schema.safeParse(converted);
  return again.success ? { ok: true, data: again.data } : { ok: false, error: again.error };
}

/** Returns the value with bigints where its schema has `z.bigint()`. */
export function withBigInts(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  return parsed.success ? value : convert(value, parsed.error);
}

function convert(value: unknown, error: z.ZodError): unknown {
  const places = error.issues.filter((issue) =>
    issue.code === "invalid_type" && issue.expected === "bigint" &&
    Number.isInteger(memberAt(value, issue.path))
  );
  if (places.length === 0) return value;
  const holder = { value: copy(value) };
  for (const { path } of places) setBigInt(holder, ["value", ...path]);
  return holder.value;
}

/** Returns the member at a path, or undefined without one. */
export function memberAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[name];
  }
  return at;
}

function setBigInt(holder: object, path: readonly PropertyKey[]): void {
  const at = memberAt(holder, path.slice(0, -1)) as Record<PropertyKey, unknown>;
  const name = path.at(-1)!;
  at[name] = BigInt(at[name] as number);
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  // Only what JSON parses to. A Date or a class of the application stays as it is.
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copy(member)]));
}
