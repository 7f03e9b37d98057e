import type { Mutant } from "../mutant.ts";
import { callers } from "./callers.ts";
import { connectors } from "./connectors.ts";
import { functions } from "./functions.ts";
import { jobs } from "./jobs.ts";
import { rights } from "./rights.ts";
import { runs } from "./runs.ts";

/** Every mutant of the gate. Another one is another entry in one of these lists. */
export const mutants: Mutant[] = [
  ...rights,
  ...callers,
  ...jobs,
  ...runs,
  ...functions,
  ...connectors,
];
