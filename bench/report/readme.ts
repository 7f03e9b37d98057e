import { significant } from "../harness/rows.ts";
import { INTRODUCTION, METHOD, MISSED_TARGETS } from "./prose.ts";
import type { AllResults, Results } from "./results.ts";
import { latest } from "./results.ts";
import { markdownTable } from "./table.ts";

/** The page of results, whose figures come from results.json. */
export function readme(all: AllResults): string {
  const older = Object.entries(all).filter(([, results]) => results !== latest(all));
  return `${INTRODUCTION}

## Results

${section(latest(all))}

![Measured against target](plot.svg)
${older.map(([major, results]) => `\n## Postgres ${major}\n\n${section(results)}\n`).join("")}
${MISSED_TARGETS}

${METHOD}
`;
}

function section({ machine, quick, rows }: Results): string {
  const versions = Object.entries(machine.versions).map((pair) => pair.join(" ")).join(", ");
  return `${machine.date}, ${machine.hardware}; ${versions}; writing and syncing 8 kB takes ${
    significant(machine.fsyncMs)
  } ms.${quick ? " Sizes and rounds of --quick." : ""}

${markdownTable(rows)}`;
}
