import process from "node:process";

/** One measured thing: `run` answers with a rate, a time or a size. */
export interface Cell {
  name: string;
  /** Puts everything in place, unmeasured. */
  prepare?(): Promise<void>;
  run(): Promise<number>;
  /** Throws if the work was not done, or not done completely. */
  check?(): Promise<void>;
}

/** The values of each cell, one per round, in the order of the rounds. */
export type Series = Map<string, number[]>;

/**
 * Runs all cells once per round, starting each round with another one, after a warm-up round that is
 * not counted. Only values of the same round were measured under the same conditions.
 */
export async function interleave(cells: Cell[], rounds: number, warmUps = 1): Promise<Series> {
  const series: Series = new Map(cells.map(({ name }) => [name, []]));
  for (let round = -warmUps; round < rounds; round++) {
    const first = (round + cells.length * warmUps) % cells.length;
    for (const cell of [...cells.slice(first), ...cells.slice(0, first)]) {
      await cell.prepare?.();
      const value = await cell.run();
      await cell.check?.();
      if (round >= 0) series.get(cell.name)?.push(value);
    }
  }
  return series;
}

/** The values of one cell. Throws if there are none. */
export function valuesOf(series: Series, name: string): number[] {
  const values = series.get(name);
  if (!values?.length) throw new RangeError(`nothing was measured for ${name}`);
  return values;
}

/** One cell as a multiple of another, round by round. */
export function ratios(series: Series, name: string, yardstick: string): number[] {
  const below = valuesOf(series, yardstick);
  return valuesOf(series, name).map((value, round) => value / (below[round] ?? NaN));
}

/** The median, which of an even number of values is the mean of the middle two. */
export function median(values: number[]): number {
  return (quantile(values, 0.5, "floor") + quantile(values, 0.5, "ceil")) / 2;
}

/** The value at or below which the share `q` of the values lies. */
export function quantile(values: number[], q: number, side: "floor" | "ceil" = "ceil"): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math[side]((sorted.length - 1) * q)];
  if (value === undefined) throw new RangeError("no values");
  return value;
}

/** Runs `work` for 0 … count − 1, the next number to each free client. Returns calls a second. */
export async function callsPerSecond<Client>(
  clients: Client[],
  count: number,
  work: (client: Client, index: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const started = performance.now();
  await Promise.all(clients.map(async (client) => {
    while (next < count) await work(client, next++);
  }));
  return count / secondsSince(started);
}

/** Seconds since a `performance.now()`. */
export function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

/** Milliseconds a call took. */
export async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Throws unless what was counted is what was expected. */
export function expectCount(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: found ${found}, expected ${expected}`);
}

/** Writes a line about progress to stderr. Only the table goes to stdout. */
export function report(text: string): void {
  process.stderr.write(`${text}\n`);
}
