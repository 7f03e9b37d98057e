import { writeJson } from "../shared/core/encoding/exact_json.ts";
import { printable } from "../shared/core/encoding/printable.ts";

/** Maximum number of characters in a cell. */
const MAX_CELL = 60;

/**
 * Returns a value in one line. Names and messages come from tenants. Control characters and
 * characters that change the direction of text could forge lines of a terminal. They become dots.
 */
export function plain(value: unknown, max = MAX_CELL): string {
  if (value === null || value === undefined) return "-";
  const text = typeof value === "string" ? value : writeJson(value);
  return printable(text, max);
}

/** Returns rows under a line of headings, with numbers right-aligned, or "none" without rows. */
export function table(rows: readonly Record<string, unknown>[], columns: string[]): string {
  if (rows.length === 0) return "none";
  const cells = rows.map((row) => columns.map((column) => plain(row[column])));
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...cells.map((line) => [...line[index]!].length))
  );
  const isNumber = columns.map((column) => rows.every((row) => typeof row[column] !== "string"));
  const line = (values: string[]) =>
    values.map((value, index) => {
      const fill = " ".repeat(widths[index]! - [...value].length);
      return isNumber[index] ? fill + value : value + fill;
    }).join("  ").trimEnd();
  return [line(columns.map((column) => column.replaceAll("_", " "))), ...cells.map(line)]
    .join("\n");
}

/** Returns one record: a name and a value per line. */
export function sheet(values: Record<string, unknown>): string {
  const names = Object.keys(values);
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) =>
    `${name.replaceAll("_", " ").padEnd(width)}  ${plain(values[name], 400)}`
  ).join("\n");
}
