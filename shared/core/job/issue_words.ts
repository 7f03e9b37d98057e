import { printable } from "../encoding/printable.ts";
import { memberAt } from "./numbers.ts";
import { keysOf, type SchemaIssue } from "./schema.ts";

const MAX_TEXT_LENGTH = 40;
const MAX_LISTED = 5;

/** What zod 3 and 4 say of an issue beside its message. */
interface Details {
  code?: unknown;
  expected?: unknown;
  origin?: unknown;
  type?: unknown;
  minimum?: unknown;
  maximum?: unknown;
  inclusive?: unknown;
  format?: unknown;
  validation?: unknown;
  values?: unknown;
  options?: unknown;
  divisor?: unknown;
  multipleOf?: unknown;
  keys?: unknown;
}

const UNITS: Record<string, string> = {
  string: " characters",
  array: " items",
  set: " items",
};

const FORMATS: Record<string, string> = {
  email: "an email address",
  url: "a URL",
  uuid: "a UUID",
  datetime: "an ISO 8601 time with offset",
};

/**
 * Returns what must hold at the place of an issue and what kind of value came, as in `must be a
 * number, not a string`, or undefined where the schema's library does not say. It has names of
 * members and no value of the payload.
 */
export function mustOf(issue: SchemaIssue, value: unknown): string | undefined {
  const details = issue as Details;
  const { code, expected, divisor, multipleOf } = details;
  switch (code) {
    case "invalid_type":
      return typeof expected === "string"
        ? typeWords(expected, memberAt(value, keysOf(issue)))
        : undefined;
    case "too_big":
    case "too_small":
      return limitWords(details);
    case "invalid_format":
    case "invalid_string":
      return formatWords(details.format ?? details.validation);
    case "invalid_value":
    case "invalid_enum_value":
      return choiceWords(details.values ?? details.options);
    case "invalid_literal":
      return choiceWords([expected]);
    case "not_multiple_of":
      return `must be a multiple of ${divisor ?? multipleOf}`;
    case "unrecognized_keys":
      return keyWords(details.keys);
    default:
      return undefined;
  }
}

function typeWords(expected: string, came: unknown): string {
  const kind = kindOf(came);
  if (kind === undefined) return `is required, and must be ${withArticle(expected)}`;
  return `must be ${withArticle(expected)}, not ${kind}`;
}

function kindOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (Number.isNaN(value)) return "NaN";
  return withArticle(typeof value);
}

function withArticle(noun: string): string {
  const name = noun === "int" ? "integer" : noun === "record" ? "object" : noun;
  if (name === "null" || name === "undefined" || name === "nan") return name;
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
}

function limitWords({ code, minimum, maximum, inclusive, origin, type }: Details): string {
  const most = code === "too_big";
  const bound = inclusive === false
    ? (most ? "less than" : "more than")
    : most
    ? "at most"
    : "at least";
  const of = String(origin ?? type);
  const limit = of === "date"
    ? new Date(Number(most ? maximum : minimum)).toISOString()
    : most
    ? maximum
    : minimum;
  const verb = UNITS[of] ? "must have" : "must be";
  return `${verb} ${bound} ${limit}${UNITS[of] ?? ""}`;
}

function formatWords(format: unknown): string | undefined {
  if (typeof format !== "string" || format === "regex") {
    return "must match the pattern of its schema";
  }
  return `must be ${FORMATS[format] ?? `of the format ${format}`}`;
}

function choiceWords(choices: unknown): string | undefined {
  if (!Array.isArray(choices)) return undefined;
  const some = listed(choices);
  return choices.length === 1 ? `must be ${some}` : `must be one of ${some}`;
}

function keyWords(keys: unknown): string | undefined {
  return Array.isArray(keys) ? `must not have ${listed(keys)}` : undefined;
}

function listed(values: readonly unknown[]): string {
  const some = values.slice(0, MAX_LISTED).map(quoted);
  return [...some, ...(values.length > MAX_LISTED ? ["…"] : [])].join(", ");
}

function quoted(value: unknown): string {
  const text = printable(String(value), MAX_TEXT_LENGTH);
  return typeof value === "string" ? `"${text}"` : text;
}
