import { capText, storableJson } from "../encoding/json.ts";
import { redactStart } from "../log/redact.ts";
import { PermanentError, PostponeError, RetryError } from "./handler.ts";

/** The kind of an outcome, as the database names it. */
export type OutcomeKind = "succeeded" | "errored" | "failed" | "timed_out" | "released";

/** The error of an attempt. `code` is snake_case, `message` has at most 4 KiB. */
export interface OutcomeError {
  code: string;
  message: string;
}

/** The end of an attempt without the job it belongs to. */
export interface Outcome {
  outcome: OutcomeKind;
  result?: unknown;
  /** Characters of the result as JSON, for the bounds of a report. It is not sent. */
  result_length?: number;
  error?: OutcomeError;
  retry_after_ms?: number;
}

/** Maximum size of a result in bytes of JSON. */
export const MAX_RESULT_BYTES = 256 * 1024;
const MAX_MESSAGE_BYTES = 4 * 1024;
const ERROR_CODE = /^[a-z][a-z0-9_]{0,63}$/;

const SUCCEEDED: Outcome = Object.freeze({ outcome: "succeeded" });

/**
 * Returns the outcome of a returned result. A result that is too large or cannot be stored fails
 * for good.
 */
export function outcomeOfResult(result: unknown): Outcome {
  if (result === undefined) return SUCCEEDED;
  const check = storableJson(result, MAX_RESULT_BYTES);
  if (check.ok) return { outcome: "succeeded", result: check.value, result_length: check.length };
  return check.refusal === "too_large"
    ? failed("result_too_large", `the result is larger than ${MAX_RESULT_BYTES} bytes of JSON`)
    : failed("invalid_result", "the result cannot be written as JSON");
}

/** Returns the outcome of a thrown error. It keeps the message, never the stack. */
export function outcomeOfThrown(thrown: unknown): Outcome {
  if (thrown instanceof PermanentError) {
    return failed(codeOr(thrown.code, "permanent_error"), thrown.message);
  }
  if (thrown instanceof RetryError) {
    const outcome = errored(codeOr(thrown.code, "retry"), thrown.message);
    return thrown.afterMs === undefined
      ? outcome
      : { ...outcome, retry_after_ms: Math.round(thrown.afterMs) };
  }
  if (thrown instanceof PostponeError) return postponed(thrown);
  return errored("handler_error", describeThrown(thrown));
}

function postponed(thrown: PostponeError): Outcome {
  return {
    outcome: "released",
    error: outcomeError(codeOr(thrown.code, "postponed"), thrown.message),
    retry_after_ms: Math.round(thrown.afterMs),
  };
}

/** Returns an outcome that retries while attempts are left. */
export function errored(code: string, message: string): Outcome {
  return { outcome: "errored", error: outcomeError(code, message) };
}

/** Returns an outcome that never retries. */
export function failed(code: string, message: string): Outcome {
  return { outcome: "failed", error: outcomeError(code, message) };
}

/** Returns the outcome of a timeout. It retries while attempts are left. */
export function timedOut(code: string, message: string): Outcome {
  return { outcome: "timed_out", error: outcomeError(code, message) };
}

/** The outcome of a job that is handed back without using up its attempt. */
export const RELEASED: Outcome = Object.freeze({ outcome: "released" });

function outcomeError(code: string, message: string): OutcomeError {
  // Tenants read it, and a library's message may quote its request. It is redacted, then cut.
  const redacted = redactStart(String(message), 2 * MAX_MESSAGE_BYTES);
  return { code, message: capText(redacted, MAX_MESSAGE_BYTES) };
}

function codeOr(code: unknown, fallback: string): string {
  return typeof code === "string" && ERROR_CODE.test(code) ? code : fallback;
}

function describeThrown(thrown: unknown): string {
  // Getters of a foreign error object may throw themselves.
  try {
    if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`;
    if (typeof thrown === "string") return thrown;
    return `the handler threw a value of type ${typeof thrown}`;
  } catch {
    return "the handler threw an error that cannot be read";
  }
}
