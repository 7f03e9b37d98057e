import type { z } from "zod";
import { JobForgeError, type PayloadIssue } from "../errors.ts";
import type { JobDefinition } from "./job_type.ts";

const MAX_ISSUES = 20;
const MAX_PATH_LENGTH = 120;

/** The parsed payload, or where it does not fit its schema. */
export type PayloadCheck = { ok: true; payload: unknown } | { ok: false; issues: PayloadIssue[] };

/** Checks a payload against its definition; a definition without a schema takes anything. */
export function checkPayload(definition: JobDefinition, payload: unknown): PayloadCheck {
  if (!definition.payload) return { ok: true, payload };
  const parsed = definition.payload.safeParse(payload);
  return parsed.success
    ? { ok: true, payload: parsed.data }
    : { ok: false, issues: issuesOf(parsed.error) };
}

/**
 * Checks type and payload of a job against the declarations. The payload is sent on as it came:
 * the worker parses it again, so defaults and transforms apply there.
 * Throws `unknown_type` and `invalid_payload`; `index` names the job of a batch.
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

/** Paths and rule names of a zod error: no messages, since those may quote what was sent. */
export function issuesOf(error: z.ZodError): PayloadIssue[] {
  return error.issues.slice(0, MAX_ISSUES).map((issue) => ({
    path: pathText(issue.path),
    rule: issue.code,
  }));
}

/** One line that lists issues by path, as in `lines.0.amount (invalid_type)`. */
export function describeIssues(issues: PayloadIssue[]): string {
  return issues.map((issue) => `${issue.path} (${issue.rule})`).join(", ");
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map(String).join(".");
  return text.length === 0 ? "(root)" : text.slice(0, MAX_PATH_LENGTH);
}
