import type { z } from "zod";
import { JobForgeError, type PayloadIssue } from "../errors.ts";
import type { JobDefinition } from "./job_type.ts";

const MAX_ISSUES = 20;
const MAX_PATH_LENGTH = 120;

/** The parsed payload, or the places that do not fit its schema. */
export type PayloadCheck = { ok: true; payload: unknown } | { ok: false; issues: PayloadIssue[] };

/** Checks a payload against its definition. Without a schema every payload is valid. */
export function checkPayload(definition: JobDefinition, payload: unknown): PayloadCheck {
  if (!definition.payload) return { ok: true, payload };
  const parsed = definition.payload.safeParse(payload);
  return parsed.success
    ? { ok: true, payload: parsed.data }
    : { ok: false, issues: issuesOf(parsed.error) };
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
    throw new JobForgeError("unknown_type", `${where}no job type has this name`);
  }
  const check = checkPayload(definition, job.payload ?? {});
  if (check.ok) return;
  const message = `${where}the payload does not fit: ${describeIssues(check.issues)}`;
  throw new JobForgeError("invalid_payload", message, { issues: check.issues });
}

/**
 * Returns the paths and rule names of a zod error. Its messages are dropped, because they may quote
 * the payload.
 */
export function issuesOf(error: z.ZodError): PayloadIssue[] {
  return error.issues.slice(0, MAX_ISSUES).map((issue) => ({
    path: pathText(issue.path),
    rule: issue.code,
  }));
}

/** Returns one line that lists issues by path, as in `lines.0.amount (invalid_type)`. */
export function describeIssues(issues: PayloadIssue[]): string {
  return issues.map((issue) => `${issue.path} (${issue.rule})`).join(", ");
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map(String).join(".");
  return text.length === 0 ? "(root)" : text.slice(0, MAX_PATH_LENGTH);
}
