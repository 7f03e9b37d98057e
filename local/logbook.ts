import { existsSync } from "node:fs";
import { join } from "node:path";

const LINES_IN_MEMORY = 5000;

/** Where the output of the stack's parts goes: one file per part, or bounded memory. */
export interface Logbook {
  write(part: string, line: string): void;
  /** The lines of a part, oldest first, in memory only the last 5,000. */
  read(part: string): string[];
}

/** Receives each line as it is written. */
export type Echo = (part: string, line: string) => void;

/**
 * Keeps the logs of this run in `<directory>/<part>.log`, or in memory without a directory. `echo`
 * receives each line as well.
 */
export function openLogbook(directory: string | undefined, echo: Echo = () => {}): Logbook {
  const { read, write } = directory === undefined ? memoryLogbook() : fileLogbook(directory);
  return {
    read,
    write(part, line) {
      write(part, line);
      echo(part, line);
    },
  };
}

function fileLogbook(directory: string): Logbook {
  if (existsSync(directory)) Deno.removeSync(directory, { recursive: true });
  Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = (part: string) => join(directory, `${part}.log`);
  return {
    write: (part, line) => Deno.writeTextFileSync(file(part), line + "\n", { append: true }),
    read(part) {
      try {
        return Deno.readTextFileSync(file(part)).split("\n").slice(0, -1);
      } catch {
        return [];
      }
    },
  };
}

function memoryLogbook(): Logbook {
  const parts = new Map<string, string[]>();
  const lines = (part: string) => parts.get(part) ?? parts.set(part, []).get(part)!;
  return {
    write(part, line) {
      const kept = lines(part);
      kept.push(line);
      if (kept.length > LINES_IN_MEMORY) kept.shift();
    },
    read: (part) => [...lines(part)],
  };
}
