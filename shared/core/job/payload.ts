import { pathText } from "../encoding/exact_json.ts";
import { jsonIssue } from "../encoding/json_issue.ts";
import { printable } from "../encoding/printable.ts";
import { JobForgeError, type PayloadIssue } from "../errors.ts";
import { mustOf } from "./issue_words.ts";
import type { JobDefinition } from "./job_type.ts";
import { isBeyondNumber, memberAt, parseNumbers } from "./numbers.ts";
import { keysOf, type SchemaIssue } from "./schema.ts";

const MAX_ISSUES = 20;
const MAX_NAMES_LENGTH = 500;

/** The parsed payload, or the places that do not fit its schema. */
export type PayloadCheck = { ok: true; payload: unknown } | { ok: false; issues: PayloadIssue[] };

/**
 * Checks a payload against its definition. Without a schema every payload is valid. With one, a
 * member called `__proto__` is not, because zod would drop it.
 */
export function checkPayload(definition: JobDefinition, payload: unknown): PayloadCheck {
  if (!definition.payload) return { ok: true, payload };
  const issue = jsonIssue(payload);
  if (issue) return refusedFor([issue]);
  const parsed = parseNumbers(definition.payload, payload);
  return parsed.issues
    ? refusedFor(issuesOf(parsed, payload))
    : { ok: true, payload: parsed.value };
}

function refusedFor(issues: PayloadIssue[]): PayloadCheck {
  return { ok: false, issues };
}

/**
 * Checks type and payload of a job against the declarations. The payload is sent unparsed, because
 * the worker parses it again and applies defaults and transforms. Throws `unknown_type` and
 * `invalid_payload`. `index` names the job of a batch.
 */
export function checkJob(
  definitions: ReadonlyMap<string, JobDefinition>,
  job: { type: string; payload?: unknown },
  index?: number,
): void {
  const where = index === undefined ? "" : `jobs.${index}: `;
  const definition = definitions.get(job.type);
  if (!definition) {
    throw new JobForgeError("unknown_type", `${where}${unknownType(job.type, definitions)}`);
  }
  const payload = job.payload ?? {};
  const issue = jsonIssue(payload);
  const check = issue ? refusedFor([issue]) : checkPayload(definition, payload);
  if (!check.ok) throw refusedPayload(check.issues, where);
}

/** Those that begin as the unknown one come first. That one may be anything, so it is not quoted. */
function unknownType(type: string, definitions: ReadonlyMap<string, JobDefinition>): string {
  const nearest = [...definitions.keys()].sort((a, b) => shared(b, type) - shared(a, type));
  const names = printable(nearest.join(", "), MAX_NAMES_LENGTH) || "none";
  return `unknown job type: there are ${names}`;
}

/** Returns how many first characters two names have in common. */
function shared(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** Returns the error of a payload that does not fit. `where` names the job of a batch. */
export function refusedPayload(issues: PayloadIssue[], where = ""): JobForgeError {
  const message = `${where}the payload does not fit: ${describeIssues(issues)}`;
  return new JobForgeError("invalid_payload", message, { issues });
}

/**
 * Returns the paths of issues and, from zod, rule names and what must hold. Their messages are
 * dropped, because they may quote the payload. A number that no `number` holds is `inexact_number`.
 */
export function issuesOf(
  { issues }: { issues: readonly SchemaIssue[] },
  value: unknown,
): PayloadIssue[] {
  return issues.slice(0, MAX_ISSUES).map((issue) => {
    const keys = keysOf(issue);
    const path = pathText(keys);
    if ("expected" in issue && isBeyondNumber(memberAt(value, keys))) {
      return { path, rule: "inexact_number" };
    }
    const rule = "code" in issue && typeof issue.code === "string" ? issue.code : "invalid";
    const must = mustOf(issue, value);
    return { path, rule, ...(must ? { must } : {}) };
  });
}

const HINTS: Record<string, string> = {
  inexact_number: "no JavaScript number holds it: declare z.bigint() or decimal(), or send a text",
  not_text: "NUL and halves of surrogate pairs cannot be stored",
  reserved_name: "choose another name",
  too_deep: "JSON must be nested less than 32 deep",
  number_out_of_range: "Postgres stores at most 131072 digits before the point, 16383 after it",
};

/** Returns one line of issues, as in `lines.0.amount must be a number, not a string (invalid_type)`. */
export function describeIssues(issues: PayloadIssue[]): string {
  const listed = issues.map(({ path, must, rule }) =>
    [path, ...(must ? [must] : []), `(${rule})`].join(" ")
  ).join(", ");
  const hints = new Set(issues.map(({ rule }) => HINTS[rule]).filter((hint) => hint !== undefined));
  return [listed, ...hints].join(": ");
}
