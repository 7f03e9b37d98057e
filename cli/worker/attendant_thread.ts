/** The thread of `startAttendant`. Its clock goes on while a handler blocks the main thread. */
import { createServer, type Server } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import { callRpc } from "../../shared/adapters/data_api/data_api.ts";
import { consoleLog } from "../../shared/adapters/runtime/log.ts";
import { formatMetrics, PROMETHEUS_TEXT } from "../../shared/core/metrics/prometheus.ts";
import { VERSION } from "../../shared/core/version.ts";
import type { KeeperState } from "../../shared/worker/keeper.ts";
import type { AttendantData, AttendantMessage } from "./attendant.ts";
import { type Connection, openConnection } from "./connection.ts";
import { metricsOf } from "./worker_metrics.ts";

const CHECK_MS = 500;
/** Silence of the main thread after which this one extends the lease. */
const SILENT_MS = 3_000;
const HEARTBEAT_MS = 4_000;
const CALL = { timeoutMs: 5_000 };

const { connection, host, port } = workerData as AttendantData;
let state: KeeperState | undefined;
let heardAt = performance.now();
let calledAt = -Infinity;
let opened: Promise<Connection> | undefined;

parentPort!.on("message", (message: KeeperState) => {
  state = message;
  heardAt = performance.now();
});
setInterval(() => void attend(), CHECK_MS);

async function attend(): Promise<void> {
  const now = performance.now();
  const runId = state?.runId ?? null;
  if (runId === null || now - heardAt < SILENT_MS || now - calledAt < HEARTBEAT_MS) return;
  calledAt = now;
  try {
    opened ??= openConnection(connection);
    // A connection that failed to open is opened again. An open one repairs itself.
    opened.catch(() => opened = undefined);
    await callRpc(await opened, "jobforge_heartbeat", { p_run_id: runId }, CALL);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.name : typeof thrown;
    consoleLog.write("warn", "heartbeat_failed", { run_id: runId, reason });
  }
}

/** Answers without any content of jobs, because anything that reaches the port may read it. */
function createHealth(): Server {
  return createServer((request, response) => {
    const busyMs = Math.round(performance.now() - heardAt);
    const path = (request.url ?? "").split("?", 1)[0];
    if (request.method !== "GET") return void response.writeHead(405).end();
    if (path === "/metrics" && state) {
      response.writeHead(200, { "content-type": PROMETHEUS_TEXT });
      return void response.end(formatMetrics(metricsOf(state, busyMs)));
    }
    if (path !== "/health") return void response.writeHead(404).end();
    const { state: status = "starting", runId = null, held = 0 } = state ?? {};
    const problem = state?.problem === undefined ? {} : { problem: state.problem };
    const body = { status, version: VERSION, run_id: runId, held, busy_ms: busyMs, ...problem };
    response.writeHead(status === "running" ? 200 : 503, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
}

function post(message: AttendantMessage): void {
  parentPort!.postMessage(message);
}

if (port === undefined) post({ listening: 0 });
else {
  const server = createHealth();
  server.on("error", ({ message }) => post({ problem: `${host}:${port}: ${message}` }));
  server.listen(port, host, () => post({ listening: (server.address() as { port: number }).port }));
}
