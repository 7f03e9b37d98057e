import type { Scenario } from "./scenario.ts";
import { databases } from "./scenarios/databases.ts";
import { loads } from "./scenarios/loads.ts";
import { networks } from "./scenarios/networks.ts";
import { operations } from "./scenarios/operations.ts";
import { processes } from "./scenarios/processes.ts";
import { dispatches } from "./scenarios/dispatches.ts";

/** Every scenario, in the order of its number. */
export const MATRIX: readonly Scenario[] = [
  ...[processes, databases, networks, dispatches, loads, operations],
].flat().sort((left, right) => Number(left.id.slice(1)) - Number(right.id.slice(1)));
