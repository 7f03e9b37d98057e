import { type LogFields, type LogLevel, logRecord } from "../../core/log/log_record.ts";
import type { RunLog } from "../../worker/ports.ts";

const SINKS: Record<LogLevel, (line: string) => void> = {
  debug: (line) => console.debug(line),
  info: (line) => console.info(line),
  warn: (line) => console.warn(line),
  error: (line) => console.error(line),
};

/** The log of a function: one JSON line per event on the console, listed fields only. */
export const consoleLog: RunLog = {
  write(level: LogLevel, event: string, fields: LogFields): void {
    SINKS[level](logRecord(level, event, fields, new Date().toISOString()));
  },
};
