import { integerOf, isBeyondNumber } from "../encoding/exact_number.ts";
import { keysOf, type Schema, type SchemaIssue, validate, type Validation } from "./schema.ts";

export { isBeyondNumber };

/**
 * Parses with a schema. An integer is a bigint where the schema expects one: JSON has one kind of
 * number.
 */
export function parseNumbers(schema: Schema, value: unknown): Validation<unknown> {
  const parsed = validate(schema, value);
  if (!parsed.issues) return parsed;
  const converted = convert(value, parsed.issues);
  return converted === value ? parsed : validate(schema, converted);
}

/** Returns the value with bigints where its schema expects them. */
export function withBigInts(schema: Schema, value: unknown): unknown {
  const { issues } = validate(schema, value);
  return issues ? convert(value, issues) : value;
}

function convert(value: unknown, issues: readonly SchemaIssue[]): unknown {
  const places = bigintPlaces(issues).filter((path) => Number.isInteger(memberAt(value, path)));
  if (places.length === 0) return value;
  const holder = { value: copy(value) };
  for (const path of places) {
    // Members of a union may name a place twice.
    if (typeof memberAt(holder.value, path) === "number") setBigInt(holder, ["value", ...path]);
  }
  return holder.value;
}

/** Returns where a bigint is expected, also by one member of a union, as zod tells it. */
function bigintPlaces(issues: readonly SchemaIssue[]): PropertyKey[][] {
  return issues.flatMap((issue) => {
    const path = keysOf(issue);
    if ("expected" in issue && issue.expected === "bigint") return [path];
    const members = "errors" in issue && Array.isArray(issue.errors) ? issue.errors.flat() : [];
    return bigintPlaces(members).map((inner) => [...path, ...inner]);
  });
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
  at[name] = integerOf(at[name] as number);
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
