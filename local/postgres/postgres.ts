import { join } from "node:path";
import { StackError } from "../errors.ts";
import { delay, freePort, isPortFree, makePrivateDirectory, portTaken } from "../system.ts";
import { postgresBinaries } from "./binaries.ts";
import {
  ensureData,
  inspect,
  type Installation,
  postgresFailed,
  SUPERUSER,
  throwawaySettings,
} from "./data.ts";
import { connect, databaseUrl } from "./database.ts";
import { type Guard, startGuard, stopLeftover } from "./guard.ts";

/** What `startCluster` needs to know. */
export interface ClusterOptions {
  /** Folder of the cluster. Its data is in `data/`, its log in `postgres.log`. */
  directory: string;
  /** Password of the superuser. */
  password: string;
  /** TCP port on 127.0.0.1. 0 takes a free one. */
  port: number;
  /** False trades durability for speed: for data that is thrown away. */
  durable: boolean;
  /** A folder to remove when the server has stopped, however it stops. */
  removeAfterwards?: string;
  /** Leave the server to the whole process: it stops when the process ends. */
  shared?: boolean;
  /** The folder with `initdb` and `postgres`, default `postgresBinaries()`. */
  bin?: string | undefined;
}

/** A running Postgres cluster. */
export interface Cluster {
  port: number;
  /** Connection URL of the superuser for the database `postgres`. */
  adminUrl: string;
  /** Stops the server and waits until every process of it is gone. */
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;

/**
 * Starts a Postgres cluster on 127.0.0.1, making it first if the folder is empty and stopping a
 * server that an earlier, killed owner left behind.
 * Throws PORT_TAKEN, DIRECTORY_UNWRITABLE, DATA_VERSION_MISMATCH, POSTGRES_FAILED.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const data = join(options.directory, "data");
  const installation = await inspect(options.bin ?? await postgresBinaries(), data);
  await makePrivateDirectory(options.directory, installation.account);
  await stopLeftover(data);
  if (options.port !== 0 && !isPortFree(options.port)) {
    throw portTaken(options.port, "JOBFORGE_DB_PORT");
  }
  await ensureData(installation, options.password, options.durable);
  return await launch(installation, options);
}

async function launch(installation: Installation, options: ClusterOptions): Promise<Cluster> {
  const port = options.port || freePort();
  const log = join(options.directory, "postgres.log");
  const settings = serverSettings(installation.version, port, options.durable);
  const guard = await startGuard(installation, settings, { ...options, log });
  const adminUrl = databaseUrl({ user: SUPERUSER, password: options.password, port });
  try {
    await waitUntilReady(adminUrl, guard, log);
  } catch (error) {
    await guard.stop();
    const raced = options.port === 0 && error instanceof StackError && error.code === "PORT_TAKEN";
    if (raced) return await launch(installation, options);
    throw error;
  }
  return { port, adminUrl, stop: () => guard.stop() };
}

function serverSettings(version: number, port: number, durable: boolean): string[] {
  const settings: Record<string, string | number> = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: 200,
    timezone: "UTC",
    log_timezone: "UTC",
    log_line_prefix: "%m [%p] %u@%d ",
  };
  if (!durable) {
    Object.assign(settings, { fsync: "off", synchronous_commit: "off", full_page_writes: "off" });
  }
  const named = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return durable ? named : [...named, ...throwawaySettings(version)];
}

async function waitUntilReady(adminUrl: string, guard: Guard, log: string): Promise<void> {
  for (const deadline = Date.now() + READY_TIMEOUT_MS; Date.now() < deadline;) {
    if (guard.hasEnded()) break;
    if (await answers(adminUrl)) return;
    await delay(50);
  }
  throw postgresFailed(await Deno.readTextFile(log).catch(() => ""));
}

async function answers(url: string): Promise<boolean> {
  const sql = connect(url, { connect_timeout: 5 });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end();
  }
}
