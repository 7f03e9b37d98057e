import { BigNumber } from "bignumber.js";
import type { ResultOf } from "../../../shared/core/job/job_type.ts";
import { type Cell, type Column, readCell } from "./cells.ts";
import type { dataImport } from "./definition.ts";

type Result = ResultOf<typeof dataImport>;

interface Total {
  count: number;
  sum: BigNumber;
  min: BigNumber;
  max: BigNumber;
}

/** Takes rows one by one and keeps what the result of an import reports about them. */
export class ImportTally {
  readonly #columns: readonly Column[];
  readonly #maxErrors: number;
  readonly #errors: Result["errors"] = [];
  readonly #totals = new Map<string, Total>();
  readonly #seen = new Map<string, Set<string>>();
  #errorCount = 0;
  #accepted = 0;
  #rejected = 0;

  constructor(columns: readonly Column[], maxErrors: number) {
    this.#columns = columns;
    this.#maxErrors = maxErrors;
  }

  /** Checks a row. One broken cell rejects all of it. */
  add(row: Record<string, string | undefined>, line: number): void {
    const cells = this.#columns.map((column) => this.#check(column, row[column.name]));
    const errorsBefore = this.#errorCount;
    cells.forEach((cell, index) => {
      if (cell.broken) this.#note(line, this.#columns[index]!.name, cell.broken);
    });
    if (this.#errorCount > errorsBefore) this.#rejected++;
    else this.#accept(row, cells);
  }

  /** Rejects a row that does not have one cell per column of the header. */
  addMisshapen(line: number): void {
    this.#note(line, "", "wrong_number_of_cells");
    this.#rejected++;
  }

  result(): Result {
    const totals = [...this.#totals].map(([name, { count, sum, min, max }]) => [
      name,
      { count, sum: sum.toFixed(), min: min.toFixed(), max: max.toFixed() },
    ]);
    return {
      rows: this.#accepted + this.#rejected,
      accepted: this.#accepted,
      rejected: this.#rejected,
      errors: this.#errors,
      errors_omitted: this.#errorCount - this.#errors.length,
      totals: Object.fromEntries(totals),
    };
  }

  #check(column: Column, text: string | undefined): Cell {
    const cell = readCell(column, text);
    if (cell.broken || !column.unique || !text) return cell;
    return this.#seen.get(column.name)?.has(text.trim()) ? { broken: "not_unique" } : cell;
  }

  #accept(row: Record<string, string | undefined>, cells: readonly Cell[]): void {
    this.#accepted++;
    this.#columns.forEach((column, index) => {
      const text = row[column.name]?.trim();
      if (column.unique && text) this.#remember(column.name, text);
      const cell = cells[index];
      if (cell && cell.broken === undefined && cell.number) this.#sum(column.name, cell.number);
    });
  }

  #remember(column: string, text: string): void {
    const seen = this.#seen.get(column) ?? new Set();
    this.#seen.set(column, seen.add(text));
  }

  #sum(column: string, number: BigNumber): void {
    const total = this.#totals.get(column);
    if (!total) {
      this.#totals.set(column, { count: 1, sum: number, min: number, max: number });
      return;
    }
    total.count++;
    total.sum = total.sum.plus(number);
    total.min = BigNumber.min(total.min, number);
    total.max = BigNumber.max(total.max, number);
  }

  #note(line: number, column: string, rule: string): void {
    this.#errorCount++;
    if (this.#errors.length < this.#maxErrors) this.#errors.push({ line, column, rule });
  }
}
