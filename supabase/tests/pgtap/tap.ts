import type { Sql } from "../../../local/postgres/database.ts";
import { splitStatements } from "../../../local/postgres/migrate.ts";

/** What a test file reports by the Test Anything Protocol. */
export interface TapReport {
  /** Assertions that passed. */
  passed: number;
  /** Failed assertions with their diagnostics, and anything else that is wrong with the run. */
  problems: string[];
}

/** Runs one pgTAP file, which must leave nothing behind: begin … rollback. */
export async function runTapFile(sql: Sql, file: string): Promise<TapReport> {
  const statements = splitStatements(await Deno.readTextFile(file));
  const problems: string[] = [];
  if (statements.at(0) !== "begin" || statements.at(-1) !== "rollback") {
    problems.push("the file must begin with begin and end with rollback");
  }
  const lines: string[] = [];
  for (const statement of statements) {
    try {
      lines.push(...tapLines(await sql.unsafe(statement)));
    } catch (error) {
      problems.push(describe(error, statement));
      break;
    }
  }
  await sql.unsafe("rollback");
  await sql.unsafe("discard all");
  const report = readTap(lines);
  return { passed: report.passed, problems: [...problems, ...report.problems] };
}

/** Reads TAP: one plan, as many results numbered from 1, none of them `not ok`. */
export function readTap(lines: string[]): TapReport {
  const problems: string[] = [];
  const plans = lines.filter((line) => /^1\.\.\d+$/.test(line));
  let passed = 0;
  let results = 0;
  let failing = false;
  for (const line of lines) {
    const [, not, number] = /^(not )?ok (\d+)/.exec(line) ?? [];
    if (number) {
      results++;
      failing = not !== undefined;
      if (failing) problems.push(line);
      else passed++;
      if (Number(number) !== results) problems.push(`result ${number} is out of order`);
    } else if (failing && line.startsWith("#")) problems.push(line);
  }
  if (plans.length !== 1) problems.push(`${plans.length} plans instead of one`);
  else if (plans[0] !== `1..${results}`) problems.push(`plan ${plans[0]}, but ${results} results`);
  return { passed, problems };
}

/** TAP comes as rows of one text column. A row may hold several lines. */
function tapLines(rows: Iterable<Record<string, unknown>>): string[] {
  return [...rows].flatMap((row) => {
    const values = Object.values(row);
    return values.length === 1 && typeof values[0] === "string" ? values[0].split("\n") : [];
  });
}

function describe(error: unknown, statement: string): string {
  const { message, code, detail, where } = error as Record<string, string | undefined>;
  return [`${code}: ${message}`, detail, where, `in: ${statement}`].filter(Boolean).join("\n  ");
}
