import postgres, { type PendingQuery, type Row, type Sql } from "postgres";
import { parseJson, writeJson } from "../../core/encoding/exact_json.ts";
import { JobForgeError } from "../../core/errors.ts";
import type { RpcFailure } from "../../core/http/rpc_error.ts";
import { ReplyTooLargeError } from "../../worker/ports.ts";
import type { Call, Reply, RunApi } from "../data_api/data_api.ts";
import { checkLogin, SERVICE_ROLE } from "./login.ts";
import { callStatement, readSignatures, type Signature } from "./signatures.ts";

/** A direct connection to the database. */
export interface DirectOptions {
  /** URL of a role that is a member of service_role. Without `sslmode` it requires TLS. */
  databaseUrl: string;
  /** False for transaction poolers that do not keep prepared statements. */
  prepare: boolean;
  /** Callback for each reply that has arrived, before it is parsed. */
  onReply?: () => void;
}

/** The functions of the Data API over a direct connection. */
export interface DirectApi extends RunApi {
  close(): Promise<void>;
}

const CONNECTIONS = 4;
const CONNECT_SECONDS = 10;
/** Milliseconds after which a connection that does not answer a cancellation is given up. */
const CANCEL_MS = 2_000;
/** `statement_timeout` of functions without one, as the Data API has it. */
const DEFAULT_TIMEOUT = "8s";
/** Bytes of replies whose callers set no bound. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Connects to the database, and calls the same functions with the same JSON as the Data API does:
 * each in a transaction as service_role. Throws a JobForgeError for a login that it refuses, and
 * other errors while the database cannot be reached.
 */
export async function openDirectApi(options: DirectOptions): Promise<DirectApi> {
  const pool = new Pool(options);
  try {
    await checkLogin(pool.sql);
    const signatures = await readSignatures(pool.sql);
    return directApi(pool, signatures, options.onReply ?? (() => {}));
  } catch (thrown) {
    await pool.close();
    if (!(thrown instanceof postgres.PostgresError && thrown.code.startsWith("28"))) throw thrown;
    const message = "the database did not accept the login of DATABASE_URL";
    throw new JobForgeError("unauthenticated", message);
  }
}

/** Connections that are replaced when one hangs, since a dead peer keeps a connection busy. */
class Pool {
  sql: Sql;
  readonly #options: DirectOptions;

  constructor(options: DirectOptions) {
    this.#options = options;
    this.sql = this.#open();
  }

  async close(): Promise<void> {
    await this.sql.end({ timeout: 1 });
  }

  replace(hanging: Sql): void {
    if (this.sql !== hanging) return;
    this.sql = this.#open();
    hanging.end({ timeout: 0 }).catch(() => {});
  }

  #open(): Sql {
    const { databaseUrl, prepare } = this.#options;
    const { hostname, searchParams } = new URL(databaseUrl);
    const isNear = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
    const plain = searchParams.has("sslmode") || isNear;
    return postgres(databaseUrl, {
      ...{ prepare, max: CONNECTIONS, connect_timeout: CONNECT_SECONDS, fetch_types: false },
      ...(plain ? {} : { ssl: "require" as const }),
      connection: { application_name: "jobforge_worker" },
      onnotice: () => {},
    });
  }
}

function directApi(
  pool: Pool,
  signatures: ReadonlyMap<string, Signature>,
  onReply: () => void,
): DirectApi {
  const statements = new Map<string, string | undefined>();
  const statementOf = (signature: Signature, names: string[]) => {
    const key = `${signature.name} ${names.join(" ")}`;
    if (!statements.has(key)) statements.set(key, callStatement(signature, names));
    return statements.get(key);
  };
  const call = (name: string, names: string[], body: string, maxBytes: number): Call => {
    const signature = signatures.get(name);
    const statement = signature && statementOf(signature, names);
    if (!signature || !statement) return callOf(() => Promise.resolve(unknownFunction()));
    return callOf(async (signal) => {
      const { sql } = pool;
      const row = await run(pool, sql, signature, [statement, body, maxBytes], signal);
      onReply();
      const bytes = Number(row.bytes ?? 0);
      if (bytes > maxBytes) throw new ReplyTooLargeError(maxBytes);
      return { data: row.body ? parseJson(row.body) : null, error: null, status: 200, bytes };
    });
  };
  return {
    rpc: (name, args) => {
      const given = Object.entries(args).filter(([, value]) => value !== undefined);
      const names = given.map(([argument]) => argument);
      return {
        ...call(name, names, writeJson(Object.fromEntries(given)), MAX_BYTES),
        select() {
          throw new TypeError("a direct connection returns all columns");
        },
      };
    },
    postRpc(name, body, maxBytes) {
      const text = typeof body === "string" ? body : new TextDecoder().decode(body);
      return call(name, Object.keys(JSON.parse(text)), text, maxBytes);
    },
    from: () => {
      throw new TypeError("a direct connection calls functions only");
    },
    close: () => pool.close(),
  };
}

/** Runs one statement as the Data API does: in a transaction, as service_role, within its time. */
async function run(
  pool: Pool,
  sql: Sql,
  signature: Signature,
  [statement, body, maxBytes]: [string, string, number],
  signal: AbortSignal | null,
): Promise<Row> {
  let pending: PendingQuery<Row[]> | undefined;
  let stopped = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stopped = () => {
      pending?.cancel();
      setTimeout(() => isDone || pool.replace(sql), CANCEL_MS);
      reject(new DOMException("the call was aborted", "AbortError"));
    };
  });
  aborted.catch(() => {});
  let isDone = false;
  signal?.addEventListener("abort", stopped, { once: true });
  if (signal?.aborted) stopped();
  try {
    const work = sql.begin(async (transaction) => {
      // The call may have been given up while it waited for a connection.
      signal?.throwIfAborted();
      const timeout = signature.timeout ?? DEFAULT_TIMEOUT;
      const settings = transaction`
        select set_config('role', ${SERVICE_ROLE}, true),
          set_config('statement_timeout', ${timeout}, true)`;
      pending = transaction.unsafe(statement, [body, maxBytes], { prepare: sql.options.prepare });
      const [, [row]] = await Promise.all([settings, pending]);
      return row as Row;
    }).finally(() => isDone = true);
    work.catch(() => {});
    return await Promise.race([work, aborted]) as Row;
  } finally {
    signal?.removeEventListener("abort", stopped);
  }
}

/** Returns a call that is sent when it is awaited. An outage is a reply with an error. */
function callOf(send: (signal: AbortSignal | null) => Promise<Reply>): Call {
  const safely = (signal: AbortSignal | null) =>
    send(signal).catch((thrown): Reply => {
      if (thrown instanceof ReplyTooLargeError) throw thrown;
      return failed(thrown);
    });
  return { abortSignal: safely, then: (...handlers) => safely(null).then(...handlers) };
}

function failed(thrown: unknown): Reply {
  if (!(thrown instanceof postgres.PostgresError)) return { data: null, error: {}, status: 0 };
  const { code, message, detail, hint } = thrown;
  const error: RpcFailure = { code, message, details: detail ?? null, hint: hint ?? null };
  return { data: null, error, status: code.startsWith("28") ? 401 : 400 };
}

function unknownFunction(): Reply {
  // As the Data API answers while its schema cache is older than the database.
  return { data: null, error: { code: "PGRST202" }, status: 404 };
}
