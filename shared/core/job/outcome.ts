import {
  capText,
  JSON_REFUSALS,
  type JsonRefusal,
  JsonText,
  MAX_JSON_DEPTH,
  storableJson,
} from "../encoding/json.ts";
import { redactStart } from "../log/redact.ts";
import { handlerErrorKind } from "./handler.ts";
import type { PermanentError, PostponeError, RetryError } from "./handler.ts";

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
  result?: JsonText;
  error?: OutcomeError;
  retry_after_ms?: number;
}

/** Maximum size of a result in bytes of JSON. */
export const MAX_RESULT_BYTES = 256 * 1024;
const MAX_MESSAGE_BYTES = 4 * 1024;
const ERROR_CODE = /^[a-z][a-z0-9_]{0,63}$/;

const SUCCEEDED: Outcome = Object.freeze({ outcome: "succeeded" });

const REFUSED_RESULTS: Partial<Record<JsonRefusal, [code: string, message: string]>> = {
  too_large: ["result_too_large", `the result must have at most ${MAX_RESULT_BYTES} bytes of JSON`],
  too_deep: ["result_too_deep", `the result must be nested less than ${MAX_JSON_DEPTH} deep`],
};

/**
 * Returns the outcome of a returned result, which is written as JSON at once. A result that jsonb
 * cannot hold unchanged fails for good.
 */
export function outcomeOfResult(result: unknown): Outcome {
  if (result === undefined) return SUCCEEDED;
  const check = storableJson(result, MAX_RESULT_BYTES);
  if (check.ok) return { outcome: "succeeded", result: check.json };
  const { path, refusal } = check;
  const message = `the result cannot be stored: ${path} ${JSON_REFUSALS[refusal]}`;
  return failed(...REFUSED_RESULTS[refusal] ?? ["invalid_result", message]);
}

/**
 * Returns the outcome of a thrown value. It keeps the message, never the stack. It never throws: a
 * value that cannot be read becomes an error that states so.
 */
export function outcomeOfThrown(thrown: unknown): Outcome {
  try {
    const kind = handlerErrorKind(thrown);
    if (kind === "permanent") {
      const { code, message } = thrown as PermanentError;
      return failed(codeOr(code, "permanent_error"), message);
    }
    if (kind === "retry") return retried(thrown as RetryError);
    if (kind === "postpone") return postponed(thrown as PostponeError);
    return errored("handler_error", describeThrown(thrown));
  } catch {
    return errored("handler_error", UNREADABLE);
  }
}

function retried({ code, message, afterMs }: RetryError): Outcome {
  const outcome = errored(codeOr(code, "retry"), message);
  return afterMs === undefined ? outcome : { ...outcome, retry_after_ms: Math.round(afterMs) };
}

function postponed({ code, message, afterMs }: PostponeError): Outcome {
  return {
    outcome: "released",
    error: outcomeError(codeOr(code, "postponed"), message),
    retry_after_ms: Math.round(afterMs),
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

const UNREADABLE = "the handler threw a value that cannot be read";

/** Returns one text for any thrown value. It never throws, even if getters of the value do. */
export function describeThrown(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return `${String(thrown.name)}: ${String(thrown.message)}`;
    if (typeof thrown === "string") return thrown;
    return `the handler threw a value of type ${thrown === null ? "null" : typeof thrown}`;
  } catch {
    return UNREADABLE;
  }
}
