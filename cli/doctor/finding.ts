/** One check: whether it holds, what was found, and what to do if it does not. */
export interface Finding {
  name: string;
  ok: boolean;
  found: string;
  fix: string;
}

/** The findings as lines for a terminal, with the fix below each that does not hold. */
export function report(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ name, ok, found, fix }) => {
    const line = `${ok ? "ok  " : "FAIL"}  ${name.padEnd(width)}  ${found}`;
    return ok ? [line] : [line, `      ${" ".repeat(width)}  → ${fix}`];
  });
  const failed = findings.filter(({ ok }) => !ok).length;
  return [...lines, "", failed === 0 ? "All is well." : `${failed} of ${findings.length} failed.`]
    .join("\n");
}
