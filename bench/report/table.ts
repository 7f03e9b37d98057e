import { measuredText, type Row, significant, targetText, verdict } from "../harness/rows.ts";

const HEAD = ["work", "measured", "target", "verdict"];

/** The rows as lines of text for a terminal. */
export function table(rows: Row[]): string {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) => line.map((cell, i) => cell.padEnd(widths[i]!)).join("  "));
  return text.map((line) => line.trimEnd()).join("\n");
}

/** The rows as a table in Markdown, with the spread of the rounds and the notes. */
export function markdownTable(rows: Row[]): string {
  const head = ["work", "measured", "rounds", "target", "verdict", "absolute figures of this run"];
  const lines = rows.map((row) => {
    const [work, measured, target, outcome] = cellsOf(row);
    return [work, measured, spreadOf(row), target, outcome, row.note];
  });
  return [head, head.map(() => "---"), ...lines].map((line) => `| ${line.join(" | ")} |`).join(
    "\n",
  );
}

function cellsOf(row: Row): string[] {
  return [row.work, measuredText(row), targetText(row), verdict(row)];
}

function spreadOf({ spread }: Row): string {
  return spread ? `${significant(spread[0])} – ${significant(spread[1])}` : "";
}
