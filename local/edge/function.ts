import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { StackError } from "../errors.ts";
import type { Logbook } from "../logbook.ts";
import { delay } from "../system.ts";
import { READY_LINE } from "./ready.ts";

/** How the process of a function is started. */
export interface FunctionOptions {
  /** The deno executable, default the one that runs the stack. */
  execPath?: string;
  /** Variables on top of the platform's. */
  env?: Record<string, string>;
  /** Hosts the function may connect to; `true` for every host. Default loopback only. */
  allowNet?: string[] | true;
  /** Also reads files and the system, as the platform's runtime allows. Default false. */
  allowRead?: boolean;
  /** deno.json or import map, in place of the one found. */
  config?: string;
  /** File to start, default `index.ts` of its folder. */
  entrypoint?: string;
}

/** An Edge Function: its own process, started when needed and started again after a crash. */
export interface EdgeFunction {
  /** Process id, or undefined while it is not running. */
  readonly pid: number | undefined;
  /** The loopback port it serves on. Starts it if it is not running. Throws FUNCTION_FAILED. */
  port(): Promise<number>;
  /** Waits a moment for the end of the process, after a failed request. */
  awaitEnd(): Promise<void>;
  /** Ends the process (with its `beforeunload`) and starts it with these options on top. */
  restart(options?: FunctionOptions): Promise<void>;
  /** Ends the process for good. */
  stop(): Promise<void>;
}

/** Where a function is, and what it runs with. */
export interface FunctionSource {
  name: string;
  /** Its folder, with `index.ts`. */
  directory: string;
  /** deno.json with its imports. */
  config: string | undefined;
  /** A function is called at each start, so that a restart takes what has changed. */
  env: Record<string, string> | (() => Promise<Record<string, string>>);
}

interface Running {
  process: Deno.ChildProcess;
  input: WritableStreamDefaultWriter;
  port: number;
  ended: boolean;
  finished: Promise<void>;
}

const BOOT_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
const CRASH_WINDOW_MS = 10_000;
const NEWS_MS = 300;

/** Prepares a function. Nothing starts before `port()`. */
export function edgeFunction(
  source: FunctionSource,
  initial: FunctionOptions,
  logbook: Logbook,
): EdgeFunction {
  let options = initial;
  let running: Running | undefined;
  let starting: Promise<Running> | undefined;
  let crashes = 0;
  let startedAt = 0;
  let stopped = false;

  async function start(): Promise<Running> {
    if (running?.ended) crashes = Date.now() - startedAt < CRASH_WINDOW_MS ? crashes + 1 : 0;
    if (crashes > 1) await delay(Math.min(100 * 2 ** crashes, 5_000));
    startedAt = Date.now();
    return running = await launch(source, options, logbook);
  }

  async function halt(): Promise<void> {
    await starting?.catch(() => {});
    if (running) await end(running);
    running = undefined;
  }

  return {
    get pid() {
      return running && !running.ended ? running.process.pid : undefined;
    },
    async port() {
      if (running && !running.ended) return running.port;
      if (stopped) throw stackStopped(source.name);
      starting ??= start().finally(() => starting = undefined);
      return (await starting).port;
    },
    async awaitEnd() {
      for (let look = 0; look < 10 && running && !running.ended; look++) await delay(NEWS_MS / 10);
    },
    async restart(changes) {
      await halt();
      options = { ...options, ...changes };
      crashes = 0;
      await this.port();
    },
    async stop() {
      stopped = true;
      await halt();
    },
  };
}

async function launch(
  source: FunctionSource,
  options: FunctionOptions,
  logbook: Logbook,
): Promise<Running> {
  const main = await writeMainModule(source, options);
  const given = typeof source.env === "function" ? await source.env() : source.env;
  const env = { ...inheritedEnvironment(), ...given, ...options.env };
  const process = new Deno.Command(options.execPath ?? Deno.execPath(), {
    args: [...commandArguments(source, options), main],
    clearEnv: true,
    env,
    cwd: options.entrypoint ? dirname(options.entrypoint) : source.directory,
    // A session of its own: Ctrl-C reaches the stack, which ends its parts in order.
    detached: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const ready = Promise.withResolvers<number>();
  const bootLines: string[] = [];
  const write = (line: string) => {
    if (line.startsWith(READY_LINE)) ready.resolve(Number(line.slice(READY_LINE.length)));
    else {
      if (running.port === 0) bootLines.push(line);
      logbook.write(source.name, line);
    }
  };
  const output = Promise.all([eachLine(process.stdout, write), eachLine(process.stderr, write)]);
  const input = process.stdin.getWriter();
  const running: Running = { process, input, port: 0, ended: false, finished: finish() };
  const timeout = setTimeout(() => kill(process, "SIGKILL"), BOOT_TIMEOUT_MS);
  try {
    running.port = await ready.promise;
    return running;
  } finally {
    clearTimeout(timeout);
    await Deno.remove(main);
  }

  async function finish(): Promise<void> {
    const status = await process.status;
    running.ended = true;
    await Promise.all([output, input.close().catch(() => {})]);
    if (running.port === 0) ready.reject(bootError(source.name, status.code, bootLines));
  }
}

// Static imports need no permission to read files, a dynamic one would.
async function writeMainModule(
  source: FunctionSource,
  { entrypoint = join(source.directory, "index.ts") }: FunctionOptions,
): Promise<string> {
  const runtime = new URL("./runtime.ts", import.meta.url).href;
  const entryPoint = pathToFileURL(entrypoint).href;
  const main = await Deno.makeTempFile({ prefix: `jobforge-${source.name}-`, suffix: ".ts" });
  await Deno.writeTextFile(main, `import "${runtime}";\nimport "${entryPoint}";\n`);
  return main;
}

/** The process gets an environment of its own, so reading that needs no narrower permission. */
function commandArguments(source: FunctionSource, options: FunctionOptions): string[] {
  const { allowNet = ["127.0.0.1", "localhost"], config = source.config } = options;
  return [
    "run",
    "--quiet",
    "--no-prompt",
    "--no-lock",
    ...(config ? ["--config", config] : ["--no-config"]),
    allowNet === true ? "--allow-net" : `--allow-net=127.0.0.1,${allowNet.join(",")}`,
    "--allow-env",
    ...(options.allowRead ? ["--allow-read", "--allow-sys"] : []),
  ];
}

/** What deno itself needs to find and download modules. */
function inheritedEnvironment(): Record<string, string> {
  const names = [
    ...["PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME", "DENO_DIR", "DENO_CERT", "DENO_TLS_CA_STORE"],
    ...[
      "NODE_EXTRA_CA_CERTS",
      "SSL_CERT_FILE",
      "SSL_CERT_DIR",
      "HTTP_PROXY",
      "HTTPS_PROXY",
      "NO_PROXY",
    ],
    ...["NPM_CONFIG_REGISTRY", "npm_config_registry"],
  ];
  const entries = names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  // Its output goes to logs.
  return { NO_COLOR: "1", ...Object.fromEntries(entries) };
}

async function end(running: Running): Promise<void> {
  kill(running.process, "SIGTERM");
  const timeout = setTimeout(() => kill(running.process, "SIGKILL"), STOP_TIMEOUT_MS);
  await running.finished;
  clearTimeout(timeout);
}

function kill(process: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    process.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

function bootError(name: string, code: number, bootLines: string[]): StackError {
  const lines = bootLines.slice(-12).join("\n  ");
  return new StackError(
    "FUNCTION_FAILED",
    `The function ${name} ended (exit code ${code}) before it served:\n  ${lines}`,
    `Correct supabase/functions/${name} and send the request again.`,
  );
}

function stackStopped(name: string): StackError {
  return new StackError(
    "FUNCTION_FAILED",
    `The function ${name} is not started: the stack is stopping.`,
    "Start the stack again.",
  );
}

async function eachLine(
  stream: ReadableStream<Uint8Array>,
  handle: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) handle(line);
  }
  if (rest !== "") handle(rest);
}
