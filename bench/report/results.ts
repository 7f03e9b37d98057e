import type { Row } from "../harness/rows.ts";
import type { Machine } from "./machine.ts";

/** What one run of the bench found. */
export interface Results {
  machine: Machine;
  quick: boolean;
  rows: Row[];
}

/** The latest results by major version of Postgres. */
export type AllResults = Record<string, Results>;

/** The results on the newest Postgres. */
export function latest(all: AllResults): Results {
  const [newest] = Object.keys(all).sort((a, b) => Number(b) - Number(a));
  return all[newest!]!;
}
