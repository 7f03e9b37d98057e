import type { Command } from "commander";
import { namesProject } from "../session.ts";
import type { Terminal } from "../terminal.ts";

interface WorkerOptions {
  handlers?: string;
  concurrency?: string;
  maxBatch?: string;
  poll?: string;
  grace?: string;
  host?: string;
  port?: string;
  prepare: boolean;
}

const HELP = `
Environment: SUPABASE_URL, and SUPABASE_SECRET_KEY for the Data API or DATABASE_URL for a direct
connection. Each option has a variable: docs/environment.md. Exit code 0 after SIGTERM or SIGINT.`;

/** The command worker: runs jobs outside of Edge Functions until a signal. */
export function workerCommand(
  program: Command,
  terminal: Terminal,
  devVariables: () => Record<string, string>,
): void {
  program.command("worker")
    .description("run jobs in this process, as a container does")
    .option("--handlers <file>", "module that exports `handlers`, the handlers of your job types")
    .option("--concurrency <jobs>", "handlers at the same time")
    .option("--max-batch <jobs>", "jobs to hold at most")
    .option("--poll <ms>", "longest delay of a poll while idle")
    .option("--grace <ms>", "time for handlers to end after SIGTERM")
    .option("--host <address>", "address of /health and /metrics")
    .option("--port <number>", "port of /health and /metrics")
    .option("--no-prepare", "no prepared statements, for a transaction pooler")
    .addHelpText("after", HELP)
    .action(async (options: WorkerOptions) => {
      // Loaded here, so that no other command loads what a worker needs.
      const { runWorker } = await import("../worker/main.ts");
      const environment = variables(options, terminal, devVariables);
      await runWorker(environment);
    });
}

/** Returns a reader of the environment in which the options count first. */
function variables(
  options: WorkerOptions,
  { env }: Terminal,
  devVariables: () => Record<string, string>,
): (name: string) => string | undefined {
  const given: Record<string, string | undefined> = {
    JOBFORGE_HANDLERS: options.handlers,
    JOBFORGE_CONCURRENCY: options.concurrency,
    JOBFORGE_MAX_BATCH: options.maxBatch,
    JOBFORGE_POLL_MS: options.poll,
    JOBFORGE_GRACE_MS: options.grace,
    JOBFORGE_HOST: options.host,
    JOBFORGE_PORT: options.port,
    JOBFORGE_PREPARE: options.prepare ? undefined : "0",
  };
  // Keys of one project are never used with the address of another.
  const dev = namesProject(env) || env("DATABASE_URL") ? {} : devVariables();
  return (name) => given[name] ?? env(name) ?? dev[name];
}
