import { median, ratios, type Series, valuesOf } from "./harness.ts";

/** A line of the table: something measured, and what it should be. */
export interface Row {
  work: string;
  measured: number;
  unit: string;
  /** Where the rounds lay, when there were several. */
  spread?: [number, number];
  /** Absent for a row that only informs. */
  target?: { limit: number; atLeast: boolean; or?: { text: string; reached: boolean } };
  /** What the reader has to know to read the figure: sizes, absolute figures. */
  note: string;
}

/** A row that compares two cells of one interleaved run: the median of the rounds' ratios. */
export function ratioRow(
  series: Series,
  row: { work: string; cell: string; of: string; atLeast?: number; atMost?: number; note?: string },
): Row {
  const values = ratios(series, row.cell, row.of);
  const note = `${rate(series, row.cell)} against ${rate(series, row.of)}`;
  return {
    work: row.work,
    measured: median(values),
    unit: "×",
    spread: [Math.min(...values), Math.max(...values)],
    ...targetOf(row),
    note: row.note ? `${note}; ${row.note}` : note,
  };
}

/** The target part of a row, for spreading. */
export function targetOf(
  { atLeast, atMost }: { atLeast?: number; atMost?: number },
): Pick<Row, "target"> {
  if (atLeast !== undefined) return { target: { limit: atLeast, atLeast: true } };
  if (atMost !== undefined) return { target: { limit: atMost, atLeast: false } };
  return {};
}

/** Whether the target is reached, and if not, by how much it was missed. */
export function verdict({ measured, target }: Row): string {
  if (!target) return "for information";
  const reached = target.atLeast ? measured >= target.limit : measured <= target.limit;
  if (reached || target.or?.reached) return "reached";
  const gap = Math.abs(measured / target.limit - 1) * 100;
  return `missed by ${gap < 10 ? gap.toFixed(1) : gap.toFixed(0)} %`;
}

/** The target in words. */
export function targetText({ target, unit }: Row): string {
  if (!target) return "";
  const text = `${target.atLeast ? "≥" : "≤"} ${target.limit} ${unit}`.trim();
  return target.or ? `${text} or ${target.or.text}` : text;
}

/** The measured value in words. */
export function measuredText({ measured, unit }: Row): string {
  return `${significant(measured)} ${unit}`.trim();
}

/** Three significant digits, without an exponent. */
export function significant(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

function rate(series: Series, cell: string): string {
  return `${cell} ${significant(median(valuesOf(series, cell)))}/s`;
}
