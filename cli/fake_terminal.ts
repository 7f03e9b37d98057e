import { connect, type Sql } from "../local/postgres/database.ts";
import { type Stack, startStack } from "../local/stack/stack.ts";
import type { Kit } from "./install/kit.ts";
import { run } from "./run.ts";
import type { Terminal } from "./terminal.ts";

/** Two tenants of the tests. */
export const ACME = "11111111-1111-4111-8111-111111111111";
export const GLOBEX = "22222222-2222-4222-8222-222222222222";

/** The end of a command line, with its JSON where it printed some. */
export interface Ran {
  code: number;
  out: string;
  err: string;
  // deno-lint-ignore no-explicit-any
  json: any;
}

/** What is typed, and where. */
export interface Typed {
  input?: string;
  answer?: string;
  folder?: string;
  kit?: () => Promise<Kit>;
}

/** Runs one command line as a process would, with typed input and an environment. */
export async function runLine(
  args: string[],
  environment: Record<string, string>,
  typed: Typed = {},
  dev: Record<string, string> = {},
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    isInteractive: false,
    env: (name) => environment[name],
    readInput: () => Promise.resolve(typed.input ?? ""),
    ask: () => Promise.resolve(typed.answer),
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 50))),
  };
  const folder = typed.folder ?? "/nonexistent";
  const kit = () => typed.kit ? typed.kit() : Promise.reject(new Error("no kit"));
  const options = { devVariables: () => dev, kit, folder, command: "npx jobforge" };
  const code = await run(args, terminal, options);
  const text = out.join("\n");
  const json = args.includes("--json") && text !== "" ? JSON.parse(out[0]!) : undefined;
  return { code, out: text, err: err.join("\n"), json };
}

/** Runs a test with a command line on a local stack. Without functions, jobs keep their status. */
export async function onStack(
  use: (cli: (...args: string[]) => Promise<Ran>, sql: Sql, stack: Stack) => Promise<void>,
): Promise<void> {
  const stack = await startStack({ functions: [] });
  const sql = connect(stack.adminDbUrl);
  const environment = { SUPABASE_URL: stack.url, SUPABASE_SECRET_KEY: stack.secretKey };
  try {
    await use((...args) => runLine(args, environment), sql, stack);
  } finally {
    await sql.end();
    await stack.stop();
  }
}

/** Enqueues jobs of ACME and returns their IDs. */
export async function enqueue(sql: Sql, count: number, type = "test.job"): Promise<string[]> {
  const jobs = Array.from({ length: count }, () => ({ type, payload: { private: "of a tenant" } }));
  const rows = await sql`select job_id from jobforge_enqueue_jobs(${ACME}, ${sql.json(jobs)})`;
  return rows.map((row) => row.job_id);
}
