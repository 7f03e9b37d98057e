import { codeOfSqlState, type ErrorCode, type ErrorExtras, isErrorCode } from "../errors.ts";
import { JobForgeError } from "../errors.ts";

/** The error body of the Data API. `code` is a SQLSTATE or a PGRST code. */
export interface RpcFailure {
  code?: string | null;
  message?: string | null;
  details?: string | null;
  hint?: string | null;
}

// Classes of resource, connection, shutdown, lock and cancellation errors. The same call may
// succeed later.
const TRANSIENT_SQLSTATE = /^(08|53|57|40|55P03|58|25006)/;
// PGRST202: a schema cache that does not know the function yet.
const TRANSIENT_PGRST = /^PGRST(?:00[0-3]|202)$/;

/**
 * Returns the error of a failed Data API call. Only messages raised by JobForge itself pass,
 * recognized by their stable code in `details` or by a PT SQLSTATE. Any other text could show SQL
 * or row content.
 */
export function fromRpcFailure(
  failure: RpcFailure,
  httpStatus: number,
  extras: ErrorExtras = {},
): JobForgeError {
  const sqlstate = failure.code ?? "";
  if (isErrorCode(failure.details)) {
    const own = { ...extras, ...quotaOf(failure.hint) };
    return new JobForgeError(failure.details, ownMessage(failure, failure.details), own);
  }
  const raised = sqlstate.startsWith("PT") ? codeOfSqlState(sqlstate) : undefined;
  if (raised) return new JobForgeError(raised, ownMessage(failure, raised), extras);
  const code = codeOfForeignFailure(sqlstate, httpStatus);
  return new JobForgeError(code, wordsFor(code, failure), extras);
}

function wordsFor(code: ErrorCode, { code: sqlstate, message }: RpcFailure): string {
  if (sqlstate === "PGRST202") return UNKNOWN_FUNCTION;
  if (code === "unauthenticated") {
    if (/^JWT expired/.test(message ?? "")) return EXPIRED;
    if (/^PGRST30[13]$/.test(sqlstate ?? "")) return FOREIGN_TOKEN;
    if (message === "Invalid API key") return UNKNOWN_KEY;
  }
  return FOREIGN_MESSAGES[code] ?? "the call failed";
}

const EXPIRED = "the JWT has expired: refresh the session and send its new access token";
const FOREIGN_TOKEN =
  "the JWT is not valid here: send the access token of a session of this very project";
const UNKNOWN_KEY = "this project does not know the API key: look at its list of API keys";

/** Whether a call failed because the Data API does not know its function or its arguments. */
export function isUnknownFunction(thrown: unknown): boolean {
  return thrown instanceof JobForgeError && thrown.message === UNKNOWN_FUNCTION;
}

const QUOTA =
  /^\{"limit" ?: ?(\d+), ?"remaining" ?: ?(\d+), ?"retry_after" ?: ?(\d+), ?"held" ?: ?\d+\}$/;

/** Returns the quota of a full queue, from the hint of the database error. */
function quotaOf(hint: string | null | undefined): ErrorExtras {
  const [limit, remaining, retryAfterSeconds] = QUOTA.exec(hint ?? "")?.slice(1).map(Number) ?? [];
  if (limit === undefined || remaining === undefined) return {};
  return { quota: { limit, remaining }, ...(retryAfterSeconds ? { retryAfterSeconds } : {}) };
}

function ownMessage(failure: RpcFailure, code: ErrorCode): string {
  return failure.message || code;
}

function codeOfForeignFailure(sqlstate: string, httpStatus: number): ErrorCode {
  if (httpStatus === 401) return "unauthenticated";
  if (sqlstate === "42501" || httpStatus === 403) return "forbidden";
  if (TRANSIENT_SQLSTATE.test(sqlstate) || TRANSIENT_PGRST.test(sqlstate)) return "unavailable";
  if (sqlstate.startsWith("54") || httpStatus === 413) return "payload_too_large";
  if (/^(22|23514|P0004)/.test(sqlstate)) return "invalid_argument";
  // A success that cannot be read is an outage.
  if (httpStatus < 400 || httpStatus === 429 || httpStatus >= 502) return "unavailable";
  return "internal";
}

const UNKNOWN_FUNCTION =
  "the Data API does not know this function: apply the migrations, or wait " +
  "until its schema cache has them";

const FOREIGN_MESSAGES: Partial<Record<ErrorCode, string>> = {
  unauthenticated: "the Data API did not accept this credential",
  forbidden: "this credential may not do that",
  unavailable: "the database could not be reached or is busy",
  payload_too_large: "the request is too large",
  invalid_argument: "the database refused a value of this request",
  internal: "the call failed in the database",
};
