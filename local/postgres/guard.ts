import { join } from "node:path";
import { commandLine, delay, isAlive } from "../system.ts";
import { CLEAN_PROCESS, type Installation } from "./data.ts";

/** The shell process that runs Postgres and stops it when this process is gone. See guard.sh. */
export interface Guard {
  /** Whether Postgres has ended. */
  hasEnded(): boolean;
  /** Stops Postgres and waits for its end. */
  stop(): Promise<void>;
}

/** What a guard does besides running Postgres. */
export interface GuardOptions {
  /** File for the output of Postgres, emptied at the start. */
  log: string;
  /** A folder to remove when Postgres has stopped, however it stops. */
  removeAfterwards?: string;
  /** Belongs to the process and not to the caller: it ends with the process. */
  shared?: boolean;
}

/** Runs `postgres` with these arguments under a guard. */
export async function startGuard(
  { bin, data, account }: Installation,
  postgresArguments: string[],
  { log, removeAfterwards = "", shared = false }: GuardOptions,
): Promise<Guard> {
  // Passed as text: Postgres' account may not be able to read this project's files.
  const script = await Deno.readTextFile(new URL("./guard.sh", import.meta.url));
  const command = [join(bin, "postgres"), "-D", data, ...postgresArguments];
  const guard = [script, "guard", String(Deno.pid), log, removeAfterwards, ...command];
  const process = new Deno.Command("sh", {
    args: shared ? ["-c", 'sh -c "$@" &', "sh", ...guard] : ["-c", ...guard],
    ...account,
    ...CLEAN_PROCESS,
    // A session of its own: Ctrl-C must not reach Postgres before the rest of the stack.
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  if (!shared) return ownGuard(process, data);
  await process.status;
  return { hasEnded: () => false, stop: () => stopLeftover(data) };
}

function ownGuard(process: Deno.ChildProcess, data: string): Guard {
  let ended = false;
  process.status.then(() => ended = true);
  return {
    hasEnded: () => ended,
    async stop() {
      if (!ended) process.kill("SIGTERM");
      const stuck = setTimeout(() => stopLeftover(data), 10_000);
      await process.status;
      clearTimeout(stuck);
    },
  };
}

/** Stops a server whose owner was killed, after checking that it runs on this data folder. */
export async function stopLeftover(data: string): Promise<void> {
  const file = join(data, "postmaster.pid");
  const text = await Deno.readTextFile(file).catch(() => "");
  const pid = parseInt(text);
  if (!(pid > 0)) return;
  const command = await commandLine(pid);
  if (command === undefined) return;
  // An id that now belongs to a stranger would keep Postgres from starting.
  if (command.includes(data)) await stopServer(pid);
  else await Deno.remove(file);
}

async function stopServer(pid: number): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    try {
      Deno.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    for (let look = 0; look < 100; look++) {
      if (!(await isAlive(pid))) return;
      await delay(100);
    }
  }
}
