import { StackError } from "../errors.ts";
import { shownLine } from "./shown_line.ts";

/** What a terminal shows of the functions: their lines, how they start, and what was repaired. */
export class FunctionOutput {
  readonly #names: ReadonlySet<string>;
  readonly #root: string;
  readonly #print: (text: string) => void;
  /** Lines of the functions that start. */
  readonly #waiting = new Map<string, string[]>();
  readonly #broken = new Set<string>();

  constructor(names: Iterable<string>, root: string, print: (text: string) => void) {
    this.#names = new Set(names);
    this.#root = root;
    this.#print = print;
  }

  /** Functions that did not start. */
  get broken(): ReadonlySet<string> {
    return this.#broken;
  }

  /** Takes a line of a part of the stack. */
  line(part: string, line: string): void {
    if (!this.#names.has(part)) return;
    const shown = shownLine(part, line, this.#root);
    if (shown === undefined) return;
    const waiting = this.#waiting.get(part);
    if (waiting) waiting.push(shown);
    else this.#print(shown);
  }

  /**
   * Starts functions. Those that fail are shown first, each once with its error. Then comes what was
   * repaired, and what the others printed.
   */
  async boot(names: Iterable<string>, start: (name: string) => Promise<void>): Promise<void> {
    const starting = [...names];
    for (const name of starting) this.#waiting.set(name, []);
    const ends = await Promise.allSettled(starting.map(start));
    const failed = ends.flatMap((end, at) =>
      end.status === "rejected" ? [[starting[at]!, end.reason] as const] : []
    );
    for (const [name, reason] of failed) {
      this.#waiting.delete(name);
      this.#broken.add(name);
      this.#print(this.#reportOf(name, reason));
    }
    for (const name of starting) {
      const lines = this.#waiting.get(name);
      if (!lines) continue;
      this.#waiting.delete(name);
      if (this.#broken.delete(name)) this.#print(`✓ ${name}: fixed`);
      for (const line of lines) this.#print(line);
    }
  }

  #reportOf(name: string, reason: unknown): string {
    const text = reason instanceof StackError ? reason.message : String(reason);
    return `✗ ${
      text.replaceAll(`file://${this.#root}/`, "")
    }\n  ${name} starts when you save a change.`;
  }
}
