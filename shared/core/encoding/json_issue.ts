import { type JsonPath, pathText } from "./exact_json.ts";
import { ExactNumber, reachOf } from "./exact_number.ts";
import { isStorableText, MAX_JSON_DEPTH } from "./json.ts";

/**
 * The reason why a parsed value is not taken. `not_text`: NUL or a lone surrogate, which Postgres
 * cannot store. `reserved_name`: a member called `__proto__`, which copies of objects lose.
 */
export type JsonRule = "not_text" | "reserved_name" | "number_out_of_range" | "too_deep";

/** One place of a value that is not taken. */
export interface JsonIssue {
  path: string;
  rule: JsonRule;
}

// What the type numeric, and so jsonb, can hold.
const FIRST_DIGIT = 131_071;
const LAST_DIGIT = -16_383;

/**
 * Returns the first issue of a parsed value, or undefined when nothing of it would change. Members
 * are nested less than `maxDepth` deep.
 */
export function jsonIssue(value: unknown, maxDepth = MAX_JSON_DEPTH): JsonIssue | undefined {
  const rule = ruleOf(value);
  if (rule) return { path: pathText([]), rule };
  const found = issueIn(value, [], maxDepth, new Set());
  return found && { path: pathText(found.path), rule: found.rule };
}

type Found = { path: JsonPath; rule: JsonRule } | undefined;

function issueIn(value: unknown, path: JsonPath, depthLeft: number, seen: Set<unknown>): Found {
  if (typeof value !== "object" || value === null || seen.has(value)) return undefined;
  if (value instanceof ExactNumber) return undefined;
  // A cycle is refused where the value is written.
  seen.add(value);
  for (const [name, member] of Object.entries(value)) {
    const isDeep = depthLeft === 1 ? "too_deep" as const : undefined;
    const rule = isDeep ?? (Array.isArray(value) ? undefined : ruleOfName(name)) ?? ruleOf(member);
    if (rule) return { path: [...path, name], rule };
    const isSimple = typeof member !== "object" || member === null;
    const found = isSimple ? undefined : issueIn(member, [...path, name], depthLeft - 1, seen);
    if (found) return found;
  }
  return undefined;
}

function ruleOfName(name: string): JsonRule | undefined {
  if (name === "__proto__") return "reserved_name";
  return isStorableText(name) ? undefined : "not_text";
}

function ruleOf(value: unknown): JsonRule | undefined {
  if (typeof value === "string") return isStorableText(value) ? undefined : "not_text";
  if (!(value instanceof ExactNumber)) return undefined;
  const { first, last } = reachOf(value.text);
  return first > FIRST_DIGIT || last < LAST_DIGIT ? "number_out_of_range" : undefined;
}
