import { redactStart } from "./redact.ts";

/** Severity of a log line. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** The only fields of a log line. No other field gets in, so no secret does. */
export interface LogFields {
  run_id?: number | undefined;
  tenant_id?: string | undefined;
  job_id?: string | undefined;
  trace_id?: string | undefined;
  type?: string | undefined;
  code?: string | undefined;
  outcome?: string | undefined;
  reason?: string | undefined;
  route?: string | undefined;
  method?: string | undefined;
  attempt?: number | undefined;
  status?: number | undefined;
  duration_ms?: number | undefined;
  cpu_ms?: number | undefined;
  claimed?: number | undefined;
  succeeded?: number | undefined;
  unsuccessful?: number | undefined;
  released?: number | undefined;
  stale?: number | undefined;
  calls?: number | undefined;
  failed_calls?: number | undefined;
  suppressed?: number | undefined;
  message?: string | undefined;
  values?: Record<string, unknown> | undefined;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const WORD = /^(?!sb_|whsec_|eyJ)[A-Za-z0-9_./:-]{1,100}$/;
const TRACE_ID = /^[0-9a-f]{32}$/;
const MAX_MESSAGE_LENGTH = 300;
const MAX_VALUES = 20;
const REFUSED = "[refused]";

const TEXT_FIELDS: Record<string, RegExp> = {
  tenant_id: UUID,
  job_id: UUID,
  trace_id: TRACE_ID,
  type: WORD,
  code: WORD,
  outcome: WORD,
  reason: WORD,
  route: WORD,
  method: WORD,
};

const NUMBER_FIELDS = new Set([
  ...["run_id", "attempt", "status", "duration_ms", "cpu_ms", "claimed", "succeeded"],
  ...["unsuccessful", "released", "stale", "calls", "failed_calls", "suppressed"],
]);

/**
 * Returns one log line as JSON, so that CR and LF are escaped. A field that is not listed is left
 * out. A value of the wrong form is replaced by `[refused]`.
 */
export function logRecord(
  level: LogLevel,
  event: string,
  fields: LogFields,
  timestamp: string,
): string {
  const record: Record<string, unknown> = {
    timestamp,
    level,
    event: WORD.test(event) ? event : REFUSED,
  };
  for (const [name, value] of Object.entries(fields)) {
    const shown = shownValue(name, value);
    if (shown !== undefined) record[name] = shown;
  }
  return JSON.stringify(record);
}

function shownValue(name: string, value: unknown): unknown {
  try {
    return readValue(name, value);
  } catch {
    // A handler's object may throw when it is read.
    return REFUSED;
  }
}

function readValue(name: string, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (NUMBER_FIELDS.has(name)) return typeof value === "number" ? value : REFUSED;
  if (name === "message") return shownMessage(String(value));
  if (name === "values") return plainValues(value);
  const pattern = Object.hasOwn(TEXT_FIELDS, name) ? TEXT_FIELDS[name] : undefined;
  if (!pattern) return undefined;
  return typeof value === "string" && pattern.test(value) ? value : REFUSED;
}

function shownMessage(text: string): string {
  // Redacted before it is cut: half a key would not be recognized.
  return redactStart(text, 4_000).slice(0, MAX_MESSAGE_LENGTH);
}

function plainValues(value: unknown): unknown {
  if (typeof value !== "object") return REFUSED;
  const members = Object.entries(value as object).slice(0, MAX_VALUES);
  return Object.fromEntries(members.map(([name, member]) => [
    WORD.test(name) ? name : REFUSED,
    Number.isFinite(member) || typeof member === "boolean" ? member : REFUSED,
  ]));
}
