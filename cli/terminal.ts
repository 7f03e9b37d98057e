/** The input and output of a command. */
export interface Terminal {
  out(text: string): void;
  /** Prints progress, questions and errors, apart from the output that scripts read. */
  err(text: string): void;
  /** True when the output is a terminal. */
  isInteractive: boolean;
  env(name: string): string | undefined;
  /** Returns all of standard input. */
  readInput(): Promise<string>;
  /** Returns a typed line, or undefined without a terminal. */
  ask(question: string): string | undefined;
  pause(ms: number): Promise<void>;
}

/** The terminal of this process. */
export const systemTerminal: Terminal = {
  out: (text) => console.log(text),
  err: (text) => console.error(text),
  isInteractive: Deno.stdout.isTerminal(),
  env: (name) => Deno.env.get(name),
  readInput: () => new Response(Deno.stdin.readable).text(),
  ask: (question) => Deno.stdin.isTerminal() ? prompt(question) ?? undefined : undefined,
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
