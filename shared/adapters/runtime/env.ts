import { PLATFORM_WALL_CLOCK_MS } from "../../core/run/budget.ts";

/** Reads one environment variable. */
export type EnvSource = (name: string) => string | undefined;

/** The environment of the enqueue function. Nothing in it is secret. */
export interface EnqueueEnv {
  supabaseUrl: string;
  /** The `apikey` for users that sent only their JWT. */
  publishableKey: string;
  /** Milliseconds until a call to the database counts as failed. */
  deadlineMs: number;
  /** Most calls to the database at once, per isolate. */
  maxInFlight: number;
}

/** The environment of a function that acts with the service's rights. */
export interface ServiceEnv {
  supabaseUrl: string;
  serviceKey: string;
}

/** The environment of the worker. */
export interface WorkerEnv {
  supabaseUrl: string;
  /** The worker's own key. */
  serviceKey: string;
  /** Secret keys with which an operator may call the worker. */
  secretKeys: string[];
  /** The service_role JWT of a project that still has one. */
  legacyServiceKey: string | undefined;
  /** Wall clock that the platform gives an isolate. */
  wallClockMs: number;
  /** undefined: the default of the runtime. */
  cpuMs: number | undefined;
  concurrency: number;
  maxBatch: number;
  /** Local targets of jobs, as `127.0.0.1:port`. Empty unless the project itself is on loopback. */
  localEgress: string[];
  /** Shows errors and stacks of handlers in the output. False unless the project is local. */
  showErrors: boolean;
}

/** What a container worker reads from its environment. */
export interface ContainerEnv {
  supabaseUrl: string;
  /** The key for the Data API. Empty when the database is reached directly. */
  serviceKey: string;
  /** URL of a direct connection, in place of the Data API. */
  databaseUrl: string | undefined;
  /** Prepared statements over a direct connection. */
  prepare: boolean;
  /** Path of the module with the handlers of the application. */
  handlers: string | undefined;
  concurrency: number;
  maxBatch: number;
  /** Longest delay of a poll while the worker is idle. */
  pollMs: number;
  /** Time that handlers get to end after a signal. */
  graceMs: number;
  /** Address of /health and /metrics. Without a port there are none. */
  host: string;
  port: number | undefined;
  localEgress: string[];
  showErrors: boolean;
}

/** A reader that collects all problems, so that one message names every problem. */
class Reader {
  readonly problems: string[] = [];
  readonly #source: EnvSource;

  constructor(source: EnvSource) {
    this.#source = source;
  }

  text(name: string): string | undefined {
    return this.#source(name) || undefined;
  }

  required(name: string): string {
    const value = this.text(name);
    if (!value) this.problems.push(`${name} is missing`);
    return value ?? "";
  }

  /**
   * Returns the values of a JSON map of keys. The first is the one that `chosenBy` names, or
   * `default`.
   */
  keys(name: string, chosen?: string, chosenBy?: string): string[] {
    const text = this.text(name);
    if (!text) return [];
    const map = parseKeyMap(text);
    if (!map) this.problems.push(`${name} must be a JSON object of texts`);
    else if (chosen && !map.has(chosen)) {
      this.problems.push(`${chosenBy} must name a key of ${name}`);
    }
    const first = map?.get(chosen ?? "default");
    const values = [...map?.values() ?? []];
    return first === undefined ? values : [first, ...values.filter((key) => key !== first)];
  }

  /** Returns every key with the service's rights, and the one to use. */
  serviceKeys(): Pick<WorkerEnv, "serviceKey" | "secretKeys" | "legacyServiceKey"> {
    // While keys rotate both are set. This variable names the one to use, so that the other can be
    // deleted.
    const keyName = this.text("JOBFORGE_SECRET_KEY_NAME");
    const secretKeys = this.keys("SUPABASE_SECRET_KEYS", keyName, "JOBFORGE_SECRET_KEY_NAME");
    const legacyServiceKey = this.text("SUPABASE_SERVICE_ROLE_KEY");
    const serviceKey = secretKeys[0] ?? legacyServiceKey;
    if (!serviceKey) {
      this.problems.push("SUPABASE_SECRET_KEYS (or SUPABASE_SERVICE_ROLE_KEY) is missing");
    }
    return { serviceKey: serviceKey ?? "", secretKeys, legacyServiceKey };
  }

  /** Returns a URL of one of the schemes. The message does not quote it, as it has a password. */
  url(name: string, schemes: string[]): string {
    const text = this.required(name);
    const { protocol } = URL.canParse(text) ? new URL(text) : { protocol: "" };
    if (text && !schemes.includes(protocol)) {
      this.problems.push(`${name} must be a URL that starts with ${schemes.join("// or ")}//`);
    }
    return text;
  }

  integer(name: string, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= min && value <= max) return value;
    this.problems.push(`${name} must be an integer from ${min} to ${max}`);
    return undefined;
  }

  loopbackPorts(name: string): string[] {
    const entries = this.text(name)?.split(",").map((entry) => entry.trim()) ?? [];
    if (entries.every((entry) => /^127\.0\.0\.1:[1-9]\d{0,4}$/.test(entry))) return entries;
    this.problems.push(`${name} must be a list of 127.0.0.1:<port>`);
    return [];
  }

  finish(): void {
    if (this.problems.length === 0) return;
    throw new Error(`the environment is invalid: ${this.problems.join("; ")}`);
  }
}

function parseKeyMap(text: string): Map<string, string> | undefined {
  try {
    const map: unknown = JSON.parse(text);
    if (typeof map !== "object" || map === null || Array.isArray(map)) return undefined;
    const entries = Object.entries(map);
    if (!entries.every(([, key]) => typeof key === "string" && key.length > 0)) return undefined;
    return new Map(entries as [string, string][]);
  } catch {
    return undefined;
  }
}

/** Returns whether a project runs on this machine. A hosted project never has such a URL. */
function isLoopback(supabaseUrl: string): boolean {
  try {
    return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(supabaseUrl).hostname);
  } catch {
    return false;
  }
}

/** Reads what counts on a local project only. */
function localOnly(
  reader: Reader,
  supabaseUrl: string,
): Pick<WorkerEnv, "localEgress" | "showErrors"> {
  return {
    localEgress: isLoopback(supabaseUrl) ? reader.loopbackPorts("JOBFORGE_LOCAL_EGRESS") : [],
    showErrors: reader.integer("JOBFORGE_SHOW_ERRORS", 0, 1) === 1 && isLocal(supabaseUrl),
  };
}

/**
 * Returns whether a project runs on this machine, or in Docker beside its functions. A hosted
 * project has a host name with a dot and TLS.
 */
function isLocal(supabaseUrl: string): boolean {
  try {
    const { hostname, protocol } = new URL(supabaseUrl);
    return isLoopback(supabaseUrl) || (protocol === "http:" && !/[.:]/.test(hostname));
  } catch {
    return false;
  }
}

/** Reads the environment of enqueue. Throws one Error that names everything missing or invalid. */
export function readEnqueueEnv(source: EnvSource): EnqueueEnv {
  const reader = new Reader(source);
  const supabaseUrl = reader.required("SUPABASE_URL");
  const publishableKey = reader.keys("SUPABASE_PUBLISHABLE_KEYS")[0] ??
    reader.text("SUPABASE_ANON_KEY");
  if (!publishableKey) {
    reader.problems.push("SUPABASE_PUBLISHABLE_KEYS (or SUPABASE_ANON_KEY) is missing");
  }
  const env = {
    ...{ supabaseUrl, publishableKey: publishableKey ?? "" },
    deadlineMs: reader.integer("JOBFORGE_DEADLINE_MS", 100, 30_000) ?? 5_000,
    maxInFlight: reader.integer("JOBFORGE_MAX_IN_FLIGHT", 1, 10_000) ?? 100,
  };
  reader.finish();
  return env;
}

/**
 * Reads the environment of a service. Throws one Error that names everything missing or invalid.
 */
export function readServiceEnv(source: EnvSource): ServiceEnv {
  const reader = new Reader(source);
  const supabaseUrl = reader.required("SUPABASE_URL");
  const { serviceKey } = reader.serviceKeys();
  reader.finish();
  return { supabaseUrl, serviceKey };
}

/**
 * Reads the environment of the worker. Throws one Error that names everything missing or invalid.
 */
export function readWorkerEnv(source: EnvSource): WorkerEnv {
  const reader = new Reader(source);
  const supabaseUrl = reader.required("SUPABASE_URL");
  const env = {
    ...{ supabaseUrl, ...reader.serviceKeys() },
    wallClockMs: reader.integer("JOBFORGE_WALL_CLOCK_MS", 2_000, PLATFORM_WALL_CLOCK_MS.paid) ??
      PLATFORM_WALL_CLOCK_MS.free,
    cpuMs: reader.integer("JOBFORGE_CPU_MS", 50, 86_400_000),
    concurrency: reader.integer("JOBFORGE_CONCURRENCY", 1, 1_000) ?? 20,
    maxBatch: reader.integer("JOBFORGE_MAX_BATCH", 1, 1_000) ?? 200,
    ...localOnly(reader, supabaseUrl),
  };
  reader.finish();
  return env;
}

/**
 * Reads the environment of a container worker. Throws one Error that names everything missing or
 * invalid.
 */
export function readContainerEnv(source: EnvSource): ContainerEnv {
  const reader = new Reader(source);
  const supabaseUrl = reader.url("SUPABASE_URL", ["https:", "http:"]);
  const isDirect = reader.text("DATABASE_URL") !== undefined;
  const env = {
    supabaseUrl,
    databaseUrl: isDirect ? reader.url("DATABASE_URL", ["postgres:", "postgresql:"]) : undefined,
    serviceKey: isDirect
      ? ""
      : reader.text("SUPABASE_SECRET_KEY") ?? reader.serviceKeys().serviceKey,
    handlers: reader.text("JOBFORGE_HANDLERS"),
    prepare: (reader.integer("JOBFORGE_PREPARE", 0, 1) ?? 1) === 1,
    concurrency: reader.integer("JOBFORGE_CONCURRENCY", 1, 1_000) ?? 20,
    maxBatch: reader.integer("JOBFORGE_MAX_BATCH", 1, 1_000) ?? 200,
    pollMs: reader.integer("JOBFORGE_POLL_MS", 100, 60_000) ?? 1_000,
    graceMs: reader.integer("JOBFORGE_GRACE_MS", 0, 86_400_000) ?? 8_000,
    host: reader.text("JOBFORGE_HOST") ?? "127.0.0.1",
    port: reader.integer("JOBFORGE_PORT", 0, 65_535),
    ...localOnly(reader, supabaseUrl),
  };
  reader.finish();
  return env;
}
