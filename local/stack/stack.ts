import { join } from "node:path";
import { type EdgeFunction, edgeFunction, type FunctionOptions } from "../edge/function.ts";
import { platformVariables, type ProjectKeys, signUserToken, type UserClaims } from "../keys.ts";
import { type Echo, type Logbook, openLogbook } from "../logbook.ts";
import { connect } from "../postgres/database.ts";
import {
  functionNames,
  functionSecrets,
  ownConfig,
  PROJECT_ROOT,
  type ProjectFiles,
  projectFiles,
} from "../project.ts";
import { startCronRunner } from "../stand_ins/cron_runner.ts";
import { openDataApi } from "../stand_ins/data_api.ts";
import { startNetSender } from "../stand_ins/net_sender.ts";
import { openRealtime, type RealtimeLimits } from "../stand_ins/realtime.ts";
import { isPortFree, portTaken } from "../system.ts";
import { Cleanup } from "./cleanup.ts";
import { gateway } from "./gateway.ts";
import {
  type AttachedDatabase,
  databaseUrlOf,
  openGivenDatabase,
  openKeptDatabase,
  openTemporaryDatabase,
  type StackDatabase,
} from "./stack_database.ts";

/** What a stack is started with. Everything has a default. */
export interface StackOptions {
  /** Folder that keeps data, keys and logs between runs. Without it everything is thrown away. */
  directory?: string;
  /** HTTP port on 127.0.0.1. Default 54421 with a directory, otherwise 0, which takes a free one. */
  port?: number;
  /** Postgres port, used with a directory only. Default 54422. 0 takes a free one. */
  databasePort?: number;
  /**
   * A database to run on instead of making one. It is left there. With a directory, which then keeps
   * keys and logs, it is migrated. Otherwise it has to be.
   */
  database?: AttachedDatabase;
  /** Where migrations, seed and functions are, default this project. No seed without a directory. */
  files?: Partial<ProjectFiles>;
  /** Names of the functions to serve, default all of them. */
  functions?: string[];
  /** Options of single functions, by name. */
  functionOptions?: Record<string, FunctionOptions>;
  /** Limits of Realtime, default those of the free plan. */
  realtime?: Partial<RealtimeLimits>;
  /** Receives what is being started, in words for a terminal. */
  progress?: (message: string) => void;
  /** Receives the lines of functions and of the stack's other parts, beside the logs. */
  echo?: Echo;
}

/** A running local Supabase-like stack. */
export interface Stack {
  /** Base URL, without a slash at the end: `<url>/rest/v1`, `<url>/functions/v1/<name>`. */
  url: string;
  /** Connection URL of the role `postgres`, which owns the project. */
  dbUrl: string;
  /** Connection URL of a superuser. */
  adminDbUrl: string;
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  /**
   * The keys in force. Changes hold from the next request on. A function sees them in its
   * environment once it is restarted with `platformVariables` of them.
   */
  keys: ProjectKeys;
  /** Signs a token of a user. `tenantId` or `tenantIds` become its app_metadata. */
  signUserToken(claims?: UserClaims): Promise<string>;
  /** Starts every function now instead of at its first request. Throws FUNCTION_FAILED. */
  startFunctions(): Promise<void>;
  /** Starts one function now. Throws FUNCTION_FAILED. */
  startFunction(name: string): Promise<void>;
  /** Process ids of the functions that run now, by name. */
  functionPids(): Record<string, number>;
  /** Ends a function's process and starts it again, on the deno of `execPath`. */
  restartFunction(name: string, options?: FunctionOptions): Promise<void>;
  /** Lines of a function, of `gateway`, `data-api`, `cron`, `net` or `realtime`, oldest first. */
  logs(part: string): string[];
  /** Stops every process of the stack, in order. */
  stop(): Promise<void>;
}

const HTTP_PORT = 54421;
const DATABASE_PORT = 54422;
const DRAIN_MS = 1_000;

/** The worker calls hosts that its tenants configure. The others call only the stack. */
const FUNCTION_DEFAULTS: Record<string, FunctionOptions> = { worker: { allowNet: true } };

/**
 * Starts Postgres, the Data API, Auth, the Edge Functions, and the stand-ins for pg_cron and pg_net
 * behind one HTTP server on 127.0.0.1. Rejects with a `StackError` that names what to do.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const port = options.port ?? (options.directory ? HTTP_PORT : 0);
  if (port !== 0 && !isPortFree(port)) throw portTaken(port, "JOBFORGE_PORT");
  const cleanup = new Cleanup();
  try {
    return await assemble(options, port, cleanup);
  } catch (error) {
    await cleanup.run().catch(() => {});
    throw error;
  }
}

async function assemble(options: StackOptions, port: number, cleanup: Cleanup): Promise<Stack> {
  const files = { ...projectFiles(PROJECT_ROOT), ...options.files };
  if (!options.database) options.progress?.("Starting Postgres …");
  const { adminUrl, keys } = await openDatabase(options, files, cleanup);
  const urlOf = (role: string) => databaseUrlOf(adminUrl, role, keys.databasePassword);
  const logbook = openLogbook(options.directory && join(options.directory, "logs"), options.echo);
  options.progress?.("Starting the Data API, Auth and functions …");
  const api = openDataApi(urlOf, keys, logbook);
  cleanup.add(() => api.close());
  const functions = new Map<string, EdgeFunction>();
  const report = (part: string) => (error: unknown) => logbook.write(part, String(error));
  const realtime = await openRealtime(adminUrl, keys, options.realtime, report("realtime"));
  const url = serve(port, gateway(api, realtime, functions, logbook), cleanup);
  // Before the server, which waits for its sockets.
  cleanup.add(() => realtime.close());
  const variables = await platformVariables(url, keys, urlOf("postgres"));
  await addFunctions(functions, options, files, variables, logbook);
  cleanup.add(() => Promise.all([...functions.values()].map((each) => each.stop())));
  const sender = await startNetSender(adminUrl, report("net"));
  cleanup.add(() => sender.stop());
  const runner = startCronRunner(adminUrl, report("cron"));
  cleanup.add(() => runner.stop());
  await setUpProject(urlOf("postgres"), url);
  return {
    url,
    dbUrl: urlOf("postgres"),
    adminDbUrl: adminUrl,
    publishableKey: keys.publishableKey,
    secretKey: keys.secretKey,
    jwtSecret: keys.jwtSecret,
    keys,
    signUserToken: (claims) => signUserToken(keys, url, claims),
    async startFunctions() {
      await Promise.all([...functions.values()].map((each) => each.port()));
    },
    startFunction: async (name) => void await known(functions, name).port(),
    functionPids: () => pidsOf(functions),
    restartFunction: (name, changes) => known(functions, name).restart(changes),
    logs: (part) => logbook.read(part),
    stop: () => cleanup.run(),
  };
}

function openDatabase(
  options: StackOptions,
  files: ProjectFiles,
  cleanup: Cleanup,
): Promise<StackDatabase> {
  const { directory, databasePort = DATABASE_PORT, database } = options;
  if (directory && database) return openGivenDatabase(directory, database, files, cleanup);
  if (directory) return openKeptDatabase(directory, databasePort, files, cleanup);
  const { migrations } = files;
  const seed = options.files?.seed;
  return openTemporaryDatabase(database, seed ? { migrations, seed } : { migrations }, cleanup);
}

function serve(port: number, handler: Deno.ServeHandler<Deno.NetAddr>, cleanup: Cleanup): string {
  const abort = new AbortController();
  const { signal } = abort;
  const server = Deno.serve({ hostname: "127.0.0.1", port, signal, onListen() {} }, handler);
  cleanup.add(async () => {
    const timer = setTimeout(() => abort.abort(), DRAIN_MS);
    await server.shutdown();
    clearTimeout(timer);
  });
  return `http://127.0.0.1:${server.addr.port}`;
}

async function addFunctions(
  functions: Map<string, EdgeFunction>,
  options: StackOptions,
  files: ProjectFiles,
  variables: Record<string, string>,
  logbook: Logbook,
): Promise<void> {
  const env = async () => ({ ...await functionSecrets(files.functions), ...variables });
  const names = options.functions ?? await functionNames(files.functions);
  for (const name of names) {
    const directory = join(files.functions, name);
    const source = {
      name,
      directory,
      config: ownConfig(directory) ?? files.config,
      env,
    };
    const settings = { ...FUNCTION_DEFAULTS[name], ...options.functionOptions?.[name] };
    functions.set(name, edgeFunction(source, settings, logbook));
  }
}

/** Tells the project its own address, if its migrations want to know. */
async function setUpProject(dbUrl: string, url: string): Promise<void> {
  const sql = connect(dbUrl);
  try {
    const [found] = await sql`
      select from pg_proc where pronamespace = to_regnamespace('jobforge') and proname = 'setup'
    `;
    if (found) await sql`select jobforge.setup(${url})`;
  } finally {
    await sql.end();
  }
}

function pidsOf(functions: Map<string, EdgeFunction>): Record<string, number> {
  const pids: Record<string, number> = {};
  for (const [name, { pid }] of functions) if (pid !== undefined) pids[name] = pid;
  return pids;
}

function known(functions: Map<string, EdgeFunction>, name: string): EdgeFunction {
  const found = functions.get(name);
  if (!found) throw new RangeError(`no function ${name}; there are: ${[...functions.keys()]}`);
  return found;
}
