import process from "node:process";
import { attemptScope } from "../../shared/adapters/runtime/attempt_scope.ts";
import { systemClock } from "../../shared/adapters/runtime/clock.ts";
import { type ContainerEnv, readContainerEnv } from "../../shared/adapters/runtime/env.ts";
import { nodeDial, nodeResolver } from "../../shared/adapters/egress/node_network.ts";
import { EventLoopMeter } from "../../shared/adapters/runtime/event_loop_meter.ts";
import { consoleLog } from "../../shared/adapters/runtime/log.ts";
import { tagConsole } from "../../shared/adapters/runtime/terminal.ts";
import { catchUncaught } from "../../shared/adapters/runtime/uncaught.ts";
import { JobForgeError } from "../../shared/core/errors.ts";
import { indexHandlers, type JobHandler } from "../../shared/core/job/handler.ts";
import { retryDelayMs } from "../../shared/core/run/retry_delay.ts";
import { connectorDeps } from "../../shared/jobs/connector_deps.ts";
import { createHandlers } from "../../shared/jobs/handlers.ts";
import { UsageError } from "../usage_error.ts";
import { startAttendant } from "./attendant.ts";
import { type Connection, openConnection } from "./connection.ts";
import { createContainer } from "./container.ts";
import { importHandlers } from "./handlers.ts";

/** How often the main thread shows that it is not blocked. */
const ALIVE_MS = 1_000;
const IS_DENO = "Deno" in globalThis;
const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Runs a container worker until SIGTERM or SIGINT. Throws a UsageError for an invalid environment,
 * and a JobForgeError for a login or a credential that the database refuses.
 */
export async function runWorker(
  environment: (name: string) => string | undefined,
): Promise<void> {
  const env = readEnv(environment);
  const stop = new Stop();
  const own = env.handlers === undefined ? [] : await importHandlers(env.handlers);
  const meter = new EventLoopMeter();
  const api = await connect(env, () => void meter.enter(), stop);
  if (!api) return;
  const secrets = process.env as Record<string, string>;
  const network = IS_DENO ? {} : { dial: nodeDial(), resolve: nodeResolver() };
  const handlers = [...createHandlers(connectorDeps(env, api, secrets, network), api), ...own];
  checkTypes(handlers, env.handlers);
  const attendant = startAttendant({ connection: env, host: env.host, port: env.port });
  const container = createContainer(env, api, meter, handlers, attendant.post);
  const { keeper } = container;
  if (env.showErrors) tagConsole(attemptScope.current);
  const alive = setInterval(() => attendant.post(keeper.state), ALIVE_MS);
  catchUncaught(attemptScope.current, container.noteUncaught, IS_DENO ? undefined : listenOnNode);
  try {
    const port = await attendant.listening;
    const values = { pid: process.pid, ...(port === undefined ? {} : { port }) };
    consoleLog.write("info", "worker_started", { values });
    stop.onAsked(() => keeper.retire(env.graceMs));
    await container.run();
  } finally {
    clearInterval(alive);
    await attendant.stop();
    await api.close();
  }
  consoleLog.write("info", "worker_stopped", {});
}

/** Node ends a process for what nothing caught, unless these events have a listener. */
function listenOnNode(onThrown: (thrown: unknown) => void): void {
  process.on("uncaughtException", onThrown);
  process.on("unhandledRejection", onThrown);
}

/** Throws a UsageError for two handlers of one type. */
function checkTypes(handlers: readonly JobHandler[], path: string | undefined): void {
  try {
    indexHandlers(handlers);
  } catch (thrown) {
    throw new UsageError(`${path}: ${(thrown as Error).message}`);
  }
}

function readEnv(environment: (name: string) => string | undefined): ContainerEnv {
  try {
    return readContainerEnv(environment);
  } catch (thrown) {
    throw new UsageError((thrown as Error).message);
  }
}

/** The first signal asks for a graceful end. The second ends the process at once. */
class Stop {
  isAsked = false;
  readonly #asked: Promise<void>;

  constructor() {
    this.#asked = new Promise((resolve) => {
      const onSignal = (signal: string) => {
        consoleLog.write("info", "worker_stopping", { reason: signal });
        if (this.isAsked) process.exit(1);
        this.isAsked = true;
        resolve();
      };
      for (const signal of SIGNALS) process.on(signal, () => onSignal(signal));
    });
  }

  onAsked(callback: () => void): void {
    this.#asked.then(callback);
  }

  /** Waits for `ms`, or until a signal. */
  async pause(ms: number): Promise<void> {
    let cancel = () => {};
    const over = new Promise<void>((resolve) => cancel = systemClock.setTimer(resolve, ms));
    await Promise.race([over, this.#asked]);
    cancel();
  }
}

/** Connects, however long the database takes to come up. Returns undefined after a signal. */
async function connect(
  env: ContainerEnv,
  onReply: () => void,
  stop: Stop,
): Promise<Connection | undefined> {
  for (let failures = 1; !stop.isAsked; failures++) {
    try {
      return await openConnection(env, onReply);
    } catch (thrown) {
      if (thrown instanceof JobForgeError) throw thrown;
      if (failures === 1) consoleLog.write("warn", "not_connected", { code: "unavailable" });
      await stop.pause(retryDelayMs(failures, Math.random()));
    }
  }
  return undefined;
}
