import { dirname } from "node:path/posix";
import type { Change } from "../../../local/checks/ci/change.ts";
import { Random } from "../fixtures/random.ts";
import type { Mutant } from "./mutant.ts";

/** Mutants to try where time is short. */
export interface Selection {
  /** Those whose file, tests or list the change touches. */
  touched: Mutant[];
  /** All touched ones, or {@link MOST} of them drawn. */
  taken: Mutant[];
  /** A tenth of the others. */
  drawn: Mutant[];
}

/** What fits into the seconds of a check. A large change touches nearly all. */
export const MOST = 250;

const FOLDER = "supabase/tests/mutation";

/** Returns what to try of the lists, by the name of their file. All is touched without a base. */
export function selectMutants(
  lists: Readonly<Record<string, readonly Mutant[]>>,
  { base, files, seed }: Change,
): Selection {
  const everything = base === undefined || [...files].some(isMachinery);
  const touched: Mutant[] = [];
  const others: Mutant[] = [];
  for (const [name, mutants] of Object.entries(lists)) {
    const whole = everything || files.has(`${FOLDER}/mutants/${name}.ts`);
    for (const mutant of mutants) {
      const isTouched = whole ||
        [mutant.file, ...mutant.tests.map(pathOf)].some((path) => files.has(path));
      (isTouched ? touched : others).push(mutant);
    }
  }
  return {
    touched,
    taken: touched.length <= MOST ? touched : draw(touched, MOST, seed),
    drawn: draw(others, Math.ceil(others.length / 10), seed),
  };
}

/** What runs mutants, without its own tests. */
function isMachinery(file: string): boolean {
  return dirname(file) === FOLDER && !file.endsWith("_test.ts");
}

/** A test from the root of the project, or of pgTAP from supabase/tests. */
function pathOf(test: string): string {
  return test.endsWith(".test.sql") ? `supabase/tests/${test}` : test;
}

function draw<T>(from: readonly T[], count: number, seed: number): T[] {
  const random = new Random(seed);
  const rest = [...from];
  return Array.from({ length: count }, () => rest.splice(random.int(0, rest.length - 1), 1)[0]!);
}
