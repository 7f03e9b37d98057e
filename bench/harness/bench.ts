import type { Server } from "./server.ts";

/** What the groups of rows are given. */
export interface Bench {
  server: Server;
  quick: boolean;
  /** A number of jobs or calls: the full one, or the one for --quick. */
  size(full: number, quick: number): number;
  /** A number of rounds: the full one, or the one for --quick. */
  rounds(full: number, quick: number): number;
}

/** The bench on a server. */
export function openBench(server: Server, quick: boolean): Bench {
  const choose = (full: number, short: number) => quick ? short : full;
  return { server, quick, size: choose, rounds: choose };
}
