import { join } from "node:path";
import { StackError } from "./errors.ts";
import { postgresBinaries } from "./postgres_binaries.ts";
import { connect, databaseUrl } from "./database.ts";
import {
  type Account,
  commandLine,
  delay,
  freePort,
  isAlive,
  isPortFree,
  makePrivateDirectory,
  portTaken,
  postgresAccount,
} from "./system.ts";

/** Name of the cluster's superuser, as on Supabase. */
export const SUPERUSER = "supabase_admin";

/** What `startCluster` needs to know. */
export interface ClusterOptions {
  /** Folder of the cluster; its data is in `data/`, its log in `postgres.log`. */
  directory: string;
  /** Password of the superuser. */
  password: string;
  /** TCP port on 127.0.0.1; 0 takes a free one. */
  port: number;
  /** False trades durability for speed: for data that is thrown away. */
  durable: boolean;
  /** A folder to remove when the server has stopped, however it stops. */
  removeAfterwards?: string;
  /** Leave the server to the whole process: it stops when the process ends, not with `stop()`. */
  shared?: boolean;
}

/** A running Postgres cluster. */
export interface Cluster {
  port: number;
  /** Connection URL of the superuser for the database `postgres`. */
  adminUrl: string;
  /** Stops the server and waits until every process of it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a Postgres cluster on 127.0.0.1, making it first if the folder is empty and stopping a
 * server that an earlier, killed owner left behind.
 * Throws PORT_TAKEN, DIRECTORY_UNWRITABLE, DATA_VERSION_MISMATCH, POSTGRES_FAILED.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const bin = await postgresBinaries();
  const { directory } = options;
  const data = join(directory, "data");
  const account = await accountFor(data);
  await makePrivateDirectory(directory, account);
  await stopLeftover(data);
  if (options.port !== 0 && !isPortFree(options.port)) {
    throw portTaken(options.port, "JOBFORGE_DB_PORT");
  }
  const version = await majorVersion(bin);
  await initialize(bin, version, data, account, options);
  await checkVersion(version, data);
  return await launch(bin, data, account, options);
}

/** Data that exists is used by its owner, when that is not root. */
async function accountFor(data: string): Promise<Account | undefined> {
  const account = await postgresAccount();
  const info = account && await Deno.stat(data).catch(() => undefined);
  return info?.uid && info.gid ? { uid: info.uid, gid: info.gid } : account;
}

async function launch(
  bin: string,
  data: string,
  account: Account | undefined,
  options: ClusterOptions,
): Promise<Cluster> {
  const port = options.port || freePort();
  const log = join(options.directory, "postgres.log");
  const guard = await startGuard(bin, data, log, port, account, options);
  const adminUrl = databaseUrl({ user: SUPERUSER, password: options.password, port });
  try {
    await waitUntilReady(adminUrl, guard, log);
  } catch (error) {
    await guard.stop();
    const raced = options.port === 0 && error instanceof StackError && error.code === "PORT_TAKEN";
    if (raced) return await launch(bin, data, account, options);
    throw error;
  }
  return { port, adminUrl, stop: guard.stop };
}

/** The shell process that stops Postgres when the owner is gone; see guard.sh. */
interface Guard {
  ended: boolean;
  stop(): Promise<void>;
}

async function startGuard(
  bin: string,
  data: string,
  log: string,
  port: number,
  account: Account | undefined,
  options: ClusterOptions,
): Promise<Guard> {
  // Passed as text: Postgres' account may not be able to read this project's files.
  const script = await Deno.readTextFile(new URL("./guard.sh", import.meta.url));
  const command = [join(bin, "postgres"), "-D", data, ...settings(port, options.durable)];
  const guardArguments = [String(Deno.pid), log, options.removeAfterwards ?? "", ...command];
  const inBackground = ["-c", 'sh -c "$@" &', "sh", script, "guard", ...guardArguments];
  const process = new Deno.Command("sh", {
    args: options.shared ? inBackground : ["-c", script, "guard", ...guardArguments],
    ...account,
    ...CLEAN_PROCESS,
    // A session of its own: Ctrl-C must not reach Postgres before the rest of the stack.
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  if (options.shared) {
    await process.status;
    return { ended: false, stop: () => stopLeftover(data) };
  }
  return ownGuard(process, data);
}

function ownGuard(process: Deno.ChildProcess, data: string): Guard {
  const guard = { ended: false, stop };
  process.status.then(() => guard.ended = true);
  return guard;

  async function stop(): Promise<void> {
    if (!guard.ended) process.kill("SIGTERM");
    const stuck = setTimeout(() => stopLeftover(data), 10_000);
    await process.status;
    clearTimeout(stuck);
  }
}

/** No PG* variable of the caller may change what is started. */
const CLEAN_PROCESS = {
  clearEnv: true,
  cwd: "/",
  env: { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
};

function settings(port: number, durable: boolean): string[] {
  const values: Record<string, string | number> = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: 200,
    timezone: "UTC",
    log_timezone: "UTC",
    log_line_prefix: "%m [%p] %u@%d ",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** The finished folder appears by rename, so an interrupted initdb leaves nothing half-made. */
async function initialize(
  bin: string,
  version: number,
  data: string,
  account: Account | undefined,
  { password, durable }: ClusterOptions,
): Promise<void> {
  if (await exists(join(data, "PG_VERSION"))) return;
  const partial = `${data}.${crypto.randomUUID()}`;
  const passwordFile = `${partial}.password`;
  await Deno.writeTextFile(passwordFile, password, { mode: 0o600 });
  if (account) await Deno.chown(passwordFile, account.uid, account.gid);
  const args = ["-D", partial, "-U", SUPERUSER, `--pwfile=${passwordFile}`];
  args.push("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C");
  // Sorts by code point and knows the case of every letter, like C.UTF-8 on the platform.
  if (version >= 17) args.push("--locale-provider=builtin", "--builtin-locale=C.UTF-8");
  if (!durable) args.push("--no-sync");
  const { success, stderr } = await new Deno.Command(join(bin, "initdb"), {
    args,
    ...account,
    ...CLEAN_PROCESS,
  }).output().finally(() => Deno.remove(passwordFile));
  if (!success) {
    await Deno.remove(partial, { recursive: true }).catch(() => {});
    throw failure(new TextDecoder().decode(stderr));
  }
  await Deno.rename(partial, data);
}

async function majorVersion(bin: string): Promise<number> {
  const { stdout } = await new Deno.Command(join(bin, "postgres"), { args: ["--version"] })
    .output();
  return Number(/\d+/.exec(new TextDecoder().decode(stdout))?.[0]);
}

async function checkVersion(version: number, data: string): Promise<void> {
  const found = (await Deno.readTextFile(join(data, "PG_VERSION"))).trim();
  if (found === String(version)) return;
  throw new StackError(
    "DATA_VERSION_MISMATCH",
    `${data} was made by Postgres ${found}, and the binaries are Postgres ${version}.`,
    "Start over with `deno task reset` (deletes the data), or use the older binaries.",
  );
}

/** Stops a server whose owner was killed, after checking that it runs on this data folder. */
export async function stopLeftover(data: string): Promise<void> {
  const file = join(data, "postmaster.pid");
  const lines = await Deno.readTextFile(file).then((text) => text.split("\n"), () => []);
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const command = await commandLine(pid);
  if (command === undefined) return;
  if (!command.includes(data)) {
    // The id now belongs to a stranger; Postgres would refuse to start because of this file.
    await Deno.remove(file);
    return;
  }
  await stopServer(pid);
}

async function stopServer(pid: number): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    try {
      Deno.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    for (let wait = 0; wait < 100; wait++) {
      if (!(await isAlive(pid))) return;
      await delay(100);
    }
  }
}

async function waitUntilReady(adminUrl: string, guard: Guard, log: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    if (guard.ended) throw failure(await Deno.readTextFile(log).catch(() => ""));
    const sql = connect(adminUrl, { connect_timeout: 5 });
    try {
      await sql`select 1`;
      return;
    } catch {
      await delay(50);
    } finally {
      await sql.end();
    }
  }
  throw failure(await Deno.readTextFile(log).catch(() => ""));
}

function failure(log: string): StackError {
  const lines = log.trim().split("\n").slice(-8).join("\n  ");
  if (/Address already in use/.test(lines)) {
    return new StackError("PORT_TAKEN", "The port of Postgres is taken.", "Choose another port.");
  }
  return new StackError(
    "POSTGRES_FAILED",
    "Postgres did not start. The end of its log:\n  " + lines,
    "If the data is damaged, start over with `deno task reset` (deletes the data).",
  );
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
