import type { Mutant } from "../mutant.ts";
import { bounds } from "./bounds.ts";
import { callers } from "./callers.ts";
import { connectors } from "./connectors.ts";
import { egress } from "./egress.ts";
import { functions } from "./functions.ts";
import { jobs } from "./jobs.ts";
import { operations } from "./operations.ts";
import { records } from "./records.ts";
import { rights } from "./rights.ts";
import { runs } from "./runs.ts";
import { schedules } from "./schedules.ts";
import { tables } from "./tables.ts";

/** Every mutant of the gate. Another one is another entry in one of these lists. */
export const mutants: Mutant[] = [
  ...rights,
  ...callers,
  ...jobs,
  ...tables,
  ...runs,
  ...functions,
  ...connectors,
  ...egress,
  ...schedules,
  ...operations,
  ...records,
  ...bounds,
];
