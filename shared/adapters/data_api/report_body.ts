import { JobForgeError } from "../../core/errors.ts";
import type { Report, ReportedOutcome, ReportedProgress } from "../../worker/ports.ts";

/** Returns the body of a report. Throws `invalid_argument` when it cannot be written. */
export function reportBody(runId: number, report: Report): string {
  return body(() =>
    object({
      p_run_id: JSON.stringify(runId),
      p_outcomes: array([
        ...(report.leases ?? []).map((lease_token) => JSON.stringify({ lease_token })),
        ...report.outcomes.map(outcomeText),
      ]),
      p_limit: JSON.stringify(report.limit),
      p_progress: array(report.progress.map(progressText)),
      p_max_bytes: JSON.stringify(report.maxBytes),
    })
  );
}

/** Returns the body of a heartbeat. Throws `invalid_argument` when it cannot be written. */
export function heartbeatBody(runId: number, progress: ReportedProgress[]): string {
  return body(() =>
    object({
      p_run_id: JSON.stringify(runId),
      p_progress: array(progress.map(progressText)),
    })
  );
}

/** The only place where an outcome becomes a part of a request. */
function outcomeText(reported: ReportedOutcome): string {
  const { tenant_id, id, lease_token, outcome, result, error, retry_after_ms } = reported;
  const head = JSON.stringify({ tenant_id, id, lease_token, outcome, error, retry_after_ms });
  return result ? `${head.slice(0, -1)},"result":${result.text}}` : head;
}

function progressText({ id, progress }: ReportedProgress): string {
  return object({ id: JSON.stringify(id), progress: progress.text });
}

function object(members: Record<string, string>): string {
  const texts = Object.entries(members).map(([name, text]) => `"${name}":${text}`);
  return `{${texts.join(",")}}`;
}

function array(members: string[]): string {
  return `[${members.join(",")}]`;
}

function body(write: () => string): string {
  try {
    return write();
  } catch {
    throw new JobForgeError("invalid_argument", "the report cannot be written as JSON");
  }
}
