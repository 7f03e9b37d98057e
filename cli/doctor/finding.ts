/** The result of one check: whether it passed, what was found, and how to fix it. */
export interface Finding {
  name: string;
  ok: boolean;
  found: string;
  fix: string;
}

/** Returns the findings as lines for a terminal, with the fix below each failed check. */
export function report(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ name, ok, found, fix }) => {
    const line = `${ok ? "ok  " : "FAIL"}  ${name.padEnd(width)}  ${found}`;
    return ok ? [line] : [line, `      ${" ".repeat(width)}  → ${fix}`];
  });
  const failed = findings.filter(({ ok }) => !ok).length;
  return [
    ...lines,
    "",
    failed === 0 ? "All checks passed." : `${failed} of ${findings.length} checks failed.`,
  ]
    .join("\n");
}
