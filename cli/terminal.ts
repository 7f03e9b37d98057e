import { createInterface } from "node:readline/promises";
import process from "node:process";

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
  ask(question: string): Promise<string | undefined>;
  pause(ms: number): Promise<void>;
}

/** The terminal of this process, on Deno and on Node. */
export const systemTerminal: Terminal = {
  out: (text) => console.log(text),
  err: (text) => console.error(text),
  isInteractive: process.stdout.isTTY === true,
  env: (name) => process.env[name],
  readInput,
  ask,
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

async function readInput(): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of process.stdin) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(`${question} `);
  } finally {
    lines.close();
  }
}
