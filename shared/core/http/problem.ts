import { ERRORS, JobForgeError, type PayloadIssue } from "../errors.ts";

/** An RFC 9457 problem document with a stable `code`. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  trace_id?: string;
  issues?: PayloadIssue[];
}

/** A problem with its headers. */
export interface ProblemReply {
  problem: Problem;
  headers: Record<string, string>;
}

const BUSY_RETRY_SECONDS = 1;
/** Name of the only policy in the RateLimit fields. */
const POLICY = '"queue"';

/**
 * Returns an error as problem+json. Anything but a JobForgeError becomes `internal` without its
 * message, so that no stack, SQL or row content leaves the server.
 */
export function toProblem(thrown: unknown, traceId?: string): ProblemReply {
  const error = thrown instanceof JobForgeError
    ? thrown
    : new JobForgeError("internal", "an internal error occurred and was logged");
  const problem: Problem = {
    type: `urn:jobforge:error:${error.code}`,
    title: ERRORS[error.code].title,
    status: error.status,
    detail: error.message,
    code: error.code,
    ...(traceId ? { trace_id: traceId } : {}),
    ...(error.extras.issues ? { issues: error.extras.issues } : {}),
  };
  return { problem, headers: { "content-type": "application/problem+json", ...hints(error) } };
}

function hints(error: JobForgeError): Record<string, string> {
  const headers: Record<string, string> = {};
  if (error.status === 401) {
    const scheme = error.code === "webhook_refused" ? "Webhook-Signature" : "Bearer";
    headers["www-authenticate"] = `${scheme} realm="jobforge"`;
  }
  if (error.extras.allow) headers["allow"] = error.extras.allow.join(", ");
  if (error.status === 429 || error.status === 503 || error.code === "busy") {
    headers["retry-after"] = String(error.extras.retryAfterSeconds ?? BUSY_RETRY_SECONDS);
  }
  const { quota } = error.extras;
  if (quota) {
    headers["ratelimit-policy"] = `${POLICY};q=${quota.limit}`;
    headers["ratelimit"] = `${POLICY};r=${quota.remaining};t=${headers["retry-after"]}`;
  }
  return headers;
}
