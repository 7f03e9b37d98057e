import * as z from "zod";
import { type AnyNumber, isBeyondNumber } from "../encoding/exact_number.ts";
import type { Json } from "../encoding/json.ts";

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
