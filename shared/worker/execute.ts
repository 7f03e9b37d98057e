import type { JobHandler } from "../core/job/handler.ts";
import { errored, failed, type Outcome } from "../core/job/outcome.ts";
import { outcomeOfResult, outcomeOfThrown } from "../core/job/outcome.ts";
import { jsonIssue } from "../core/encoding/json_issue.ts";
import { parseNumbers } from "../core/job/numbers.ts";
import { checkPayload, describeIssues, issuesOf } from "../core/job/payload.ts";
import type { Attempt } from "./attempt.ts";

/**
 * Runs one handler and returns its outcome. It never rejects: every error of a job becomes that
 * job's outcome.
 */
export async function execute(
  handler: JobHandler | undefined,
  attempt: Attempt,
): Promise<Outcome> {
  if (!handler) {
    return errored("unknown_type", `this worker has no handler for ${attempt.job.type}`);
  }
  try {
    const check = checkPayload(handler.definition, attempt.job.payload);
    if (!check.ok) return failed("invalid_payload", describeIssues(check.issues));
    return outcomeOfReturned(handler, await handler.run(check.payload, attempt));
  } catch (thrown) {
    attempt.thrown = thrown;
    return outcomeOfThrown(thrown);
  }
}

function outcomeOfReturned(handler: JobHandler, returned: unknown): Outcome {
  const schema = handler.definition.result;
  if (!schema) return outcomeOfResult(returned);
  const parsed = parseNumbers(schema, returned);
  const dropped = jsonIssue(returned);
  if (!parsed.issues && dropped?.rule !== "reserved_name") return outcomeOfResult(parsed.value);
  const issues = parsed.issues ? issuesOf(parsed, returned) : [dropped!];
  return failed("invalid_result", `the result does not fit: ${describeIssues(issues)}`);
}
