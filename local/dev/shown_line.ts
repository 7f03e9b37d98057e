/** Events that the worker also prints with their errors and stacks. */
const PRINTED = new Set(["job_unsuccessful", "uncaught_error"]);

/**
 * Returns what a terminal shows of a line that a function printed, or undefined for a record of
 * routine. What handlers print and log is shown, and every warning and error. Paths below `root` are
 * shown without it.
 */
export function shownLine(part: string, line: string, root: string): string | undefined {
  const record = recordOf(line);
  if (!record) return `${part}: ${line.replaceAll(`file://${root}/`, "")}`;
  const { timestamp: _, level, event, type, job_id, message, values, ...rest } = record;
  if (event === "job_log") return text(part, type, job_id, message, json(values));
  if (level === "info" || level === "debug" || PRINTED.has(String(event))) return undefined;
  return text(part, event, type, job_id, message, json(values), json(rest));
}

function recordOf(line: string): Record<string, unknown> | undefined {
  try {
    const record: unknown = JSON.parse(line);
    const isRecord = typeof record === "object" && record !== null && "event" in record &&
      "timestamp" in record;
    return isRecord ? record as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}

function text(part: string, ...words: unknown[]): string {
  return `${part}: ${words.filter((word) => word !== undefined).join(" ")}`;
}

function json(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
