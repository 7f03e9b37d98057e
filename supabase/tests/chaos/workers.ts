import { join } from "node:path";
import { type EdgeFunction, edgeFunction } from "../../../local/edge/function.ts";
import { openLogbook } from "../../../local/logbook.ts";
import { PROJECT_ROOT } from "../../../local/project.ts";
import { delay } from "../../../local/system.ts";
import { type Proxy, startProxy } from "./proxy.ts";

/** A worker's process, and the proxy between it and the Data API. */
export interface WorkerProcess {
  process: EdgeFunction;
  proxy: Proxy;
  /** Runs whose tickets were handed to this worker, and the process that took each. */
  runs: Map<number, number | undefined>;
  frozen: boolean;
  /** What the last call was answered with, or why it was not. */
  lastAnswer: string;
}

/** The worker's processes behind one address that spreads calls over them, as a platform does. */
export interface Fleet {
  url: string;
  workers: WorkerProcess[];
  /** False: calls to the worker get nowhere. */
  reachable: boolean;
  /** Runs whose process has ended since the last call. */
  orphans(): number[];
  /** Starts every process that does not run, and waits until it serves. */
  warmUp(): Promise<void>;
  /** Lines of all workers, or of one. */
  logs(worker?: number): string[];
  stop(): Promise<void>;
}

const FOLDER = join(PROJECT_ROOT, "supabase/tests/chaos/functions/worker");

/** Prepares `count` processes before a Data API on `apiPort`. Each starts when it is called. */
export function startFleet(
  count: number,
  apiPort: number,
  env: (worker: number) => Record<string, string>,
): Fleet {
  const logbook = openLogbook(undefined);
  const workers = Array.from({ length: count }, (_, index): WorkerProcess => {
    const proxy = startProxy(apiPort);
    const source = {
      ...{ name: `worker-${index}`, directory: FOLDER, config: join(PROJECT_ROOT, "deno.json") },
      env: { ...env(index), SUPABASE_URL: proxy.url },
    };
    const process = edgeFunction(source, { allowNet: true }, logbook);
    return { process, proxy, runs: new Map(), frozen: false, lastAnswer: "none" };
  });
  let next = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const body = await request.text();
    const awake = workers.filter((worker) => !worker.frozen);
    const worker = awake[next++ % awake.length];
    if (!fleet.reachable || !worker) return new Response(null, { status: 503 });
    const runId = body === "" ? undefined : JSON.parse(body).run_id;
    const headers = new Headers(request.headers);
    try {
      const port = await worker.process.port();
      if (typeof runId === "number") worker.runs.set(runId, worker.process.pid);
      const url = `http://127.0.0.1:${port}/worker`;
      const reply = await fetch(url, { method: "POST", headers, body });
      worker.lastAnswer = `${reply.status} to run ${runId}`;
      return reply;
    } catch (error) {
      worker.lastAnswer = `none to run ${runId}: ${(error as Error).message}`;
      return new Response(null, { status: 502 });
    }
  });
  const fleet: Fleet = {
    ...{ url: `http://127.0.0.1:${server.addr.port}`, workers, reachable: true },
    orphans: () => workers.flatMap(orphansOf),
    async warmUp() {
      await Promise.all(workers.map((worker) => worker.process.port()));
    },
    logs: (only) =>
      workers.flatMap((_, index) =>
        only === undefined || only === index ? logbook.read(`worker-${index}`) : []
      ),
    async stop() {
      fleet.reachable = false;
      for (const worker of workers) thaw(worker);
      await Promise.all(workers.map((worker) => worker.process.stop()));
      await Promise.all(workers.map((worker) => worker.proxy.stop()));
      await server.shutdown();
    },
  };
  return fleet;
}

function orphansOf({ process, runs }: WorkerProcess): number[] {
  const orphans = [...runs].filter(([, pid]) => pid !== process.pid).map(([runId]) => runId);
  for (const runId of orphans) runs.delete(runId);
  return orphans;
}

/** Sends a signal that ends the process, and waits for it. Returns false when none runs. */
export async function end(
  worker: WorkerProcess,
  signal: "SIGKILL" | "SIGTERM" = "SIGKILL",
): Promise<boolean> {
  const { pid } = worker.process;
  if (pid === undefined) return false;
  Deno.kill(pid, signal);
  while (worker.process.pid === pid) await delay(5);
  return true;
}

/** SIGSTOP: a process that neither dies nor speaks. Returns the runs it holds. */
export function freeze(worker: WorkerProcess): number[] {
  const { pid } = worker.process;
  if (pid === undefined) return [];
  Deno.kill(pid, "SIGSTOP");
  worker.frozen = true;
  return [...worker.runs.keys()];
}

/** SIGCONT: it goes on as if no time had passed. */
export function thaw(worker: WorkerProcess): void {
  const { pid } = worker.process;
  if (worker.frozen && pid !== undefined) Deno.kill(pid, "SIGCONT");
  worker.frozen = false;
}
