/**
 * Every error code of JobForge with its HTTP status and, where the database raises it, its
 * SQLSTATE. The codes are a contract: they are added to, never renamed.
 */
export const ERRORS = {
  invalid_argument: { status: 400, sqlstate: "PT400" },
  forbidden: { status: 403, sqlstate: "42501" },
  tenant_erased: { status: 403, sqlstate: "PT403" },
  not_found: { status: 404, sqlstate: "PT404" },
  wrong_state: { status: 409, sqlstate: "PT409" },
  busy: { status: 409, sqlstate: "PT409" },
  too_many_schedules: { status: 409, sqlstate: "PT409" },
  runs_exhausted: { status: 409, sqlstate: "PT409" },
  version_mismatch: { status: 409, sqlstate: "PT409" },
  payload_too_large: { status: 413, sqlstate: "PT413" },
  idempotency_mismatch: { status: 422, sqlstate: "PT422" },
  queue_full: { status: 429, sqlstate: "PT429" },
  ticket_refused: { status: 401, sqlstate: "PT401" },
  run_ended: { status: 410, sqlstate: "PT410" },
  extension_missing: { status: 501, sqlstate: "PT501" },
  invalid_json: { status: 400 },
  unknown_type: { status: 400 },
  invalid_payload: { status: 400 },
  credential_conflict: { status: 400 },
  unauthenticated: { status: 401 },
  webhook_refused: { status: 401 },
  method_not_allowed: { status: 405 },
  wait_timeout: { status: 408 },
  unsupported_media_type: { status: 415 },
  internal: { status: 500 },
  reply_cut: { status: 502 },
  unavailable: { status: 503 },
} as const satisfies Record<string, { status: number; sqlstate?: string }>;

/** A stable error code. */
export type ErrorCode = keyof typeof ERRORS;

const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  ...["busy", "queue_full", "runs_exhausted", "unavailable", "wait_timeout"] as const,
]);

/** One invalid place of a payload: its path and the rule, never the value. */
export interface PayloadIssue {
  path: string;
  rule: string;
  /** What must hold, if the schema's library tells it: `must be a number, not a string`. */
  must?: string;
}

/** Optional details of an error. */
export interface ErrorExtras {
  /** Seconds until a new attempt makes sense, sent as Retry-After. */
  retryAfterSeconds?: number;
  /** For `queue_full`: the limit of the queue and how many jobs still fit. */
  quota?: { limit: number; remaining: number };
  /** For `invalid_payload` and `invalid_argument`: the invalid places. */
  issues?: PayloadIssue[];
  /** For `method_not_allowed`: the methods of the route, sent as Allow. */
  allow?: string[];
}

/** The only error class JobForge throws and answers with. `status` follows from `code`. */
export class JobForgeError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** Whether the same call may succeed later. Repeat an enqueue under the same idempotency key. */
  readonly retryable: boolean;
  readonly extras: ErrorExtras;

  constructor(code: ErrorCode, message: string, extras: ErrorExtras = {}) {
    super(message);
    this.name = "JobForgeError";
    this.code = code;
    this.status = ERRORS[code].status;
    this.retryable = RETRYABLE.has(code);
    this.extras = extras;
  }
}

/** Returns whether a text is one of the stable codes. */
export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === "string" && Object.hasOwn(ERRORS, text);
}

/** Returns the code of a SQLSTATE, or undefined when JobForge does not raise it. */
export function codeOfSqlState(sqlstate: string): ErrorCode | undefined {
  for (const [code, entry] of Object.entries(ERRORS)) {
    if ("sqlstate" in entry && entry.sqlstate === sqlstate) return code as ErrorCode;
  }
  return undefined;
}
