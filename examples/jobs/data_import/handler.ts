import { parse } from "csv-parse/sync";
import { handle, PermanentError } from "../../../shared/core/job/handler.ts";
import { dataImport } from "./definition.ts";
import { ImportTally } from "./import_rows.ts";

interface ParsedRow {
  record: string[];
  /** `lines`: the line the row ends on, counted from 1. */
  info: { lines: number };
}

const ROWS_PER_TURN = 500;

/** Reads the file and checks it in portions, so that it can report and be stopped half-way. */
export const importData = handle(dataImport, async (payload, ctx) => {
  const [header, ...rows] = parseFile(payload.csv, payload.delimiter);
  const names = (header?.record ?? []).map((name) => name.trim());
  requireColumns(payload.columns.map((column) => column.name), names);
  const tally = new ImportTally(payload.columns, payload.max_errors);
  for (const [index, { record, info }] of rows.entries()) {
    if (record.length === names.length) tally.add(named(names, record), info.lines);
    else tally.addMisshapen(info.lines);
    if (index % ROWS_PER_TURN === ROWS_PER_TURN - 1) {
      ctx.progress({ rows: index + 1, of: rows.length });
      await nextTurn();
      ctx.signal.throwIfAborted();
    }
  }
  return tally.result();
});

function parseFile(csv: string, delimiter: string): ParsedRow[] {
  try {
    const options = { delimiter, bom: true, info: true, relax_column_count: true };
    return parse(csv, { ...options, skip_empty_lines: true }) as unknown as ParsedRow[];
  } catch (thrown) {
    const code = (thrown as { code?: unknown }).code;
    throw new PermanentError(`the file is not CSV: ${code ?? "unreadable"}`, {
      code: "malformed_csv",
    });
  }
}

function requireColumns(wanted: string[], names: string[]): void {
  const missing = wanted.filter((name) => !names.includes(name));
  if (missing.length === 0) return;
  throw new PermanentError(`the header lacks: ${missing.join(", ")}`, { code: "missing_columns" });
}

// A map without prototype: a column may be called `constructor`.
function named(names: string[], record: string[]): Record<string, string | undefined> {
  const row: Record<string, string | undefined> = Object.create(null);
  names.forEach((name, index) => row[name] = record[index]);
  return row;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
