/** Where a command reads and writes. */
export interface Terminal {
  out(text: string): void;
  /** Progress, questions and errors: apart from what scripts read. */
  err(text: string): void;
  /** Whether somebody looks at the output. */
  isInteractive: boolean;
  env(name: string): string | undefined;
  /** Everything on standard input. */
  readInput(): Promise<string>;
  /** Asks for a line, or undefined when nobody is there to answer. */
  ask(question: string): string | undefined;
  pause(ms: number): Promise<void>;
}

/** The terminal this process runs in. */
export const systemTerminal: Terminal = {
  out: (text) => console.log(text),
  err: (text) => console.error(text),
  isInteractive: Deno.stdout.isTerminal(),
  env: (name) => Deno.env.get(name),
  readInput: () => new Response(Deno.stdin.readable).text(),
  ask: (question) => Deno.stdin.isTerminal() ? prompt(question) ?? undefined : undefined,
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
