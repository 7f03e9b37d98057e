import {
  type Call,
  type DataApi,
  type Query,
  type Reply,
  replyOf,
} from "../adapters/data_api/data_api.ts";
import { replyCut } from "../adapters/data_api/job_api.ts";
import { withRawNumbers } from "../core/encoding/exact_json.ts";
import { JobForgeError } from "../core/errors.ts";
import type { CallOptions } from "./options.ts";
import { camelName } from "./rows.ts";

/** A supabase-js client of any version and database type. */
export interface SupabaseLike {
  // The calls of a typed client differ per database, so replies are checked at run time.
  // deno-lint-ignore no-explicit-any
  rpc(name: any, args?: any, options?: any): any;
  // deno-lint-ignore no-explicit-any
  from(table: any, options?: any): any;
}

/** A channel of supabase-js. */
export interface Channel {
  on(type: "broadcast", filter: { event: string }, callback: () => void): Channel;
  subscribe(callback: (status: string) => void): unknown;
}

/** The part of supabase-js that Realtime needs. */
export interface RealtimeClient {
  channel(topic: string, options: { config: { private: boolean } }): Channel;
  removeChannel(channel: Channel): Promise<unknown>;
}

const TIMEOUT_MS = 10_000;

/** The rows of a call: how many there must be, if that is known, and their columns. */
export interface RowsOptions {
  expected?: number;
  columns?: string;
}

/** The calls of a client on the Data API. All throw JobForgeError. */
export class Calls {
  readonly tenantId: string | undefined;
  /** What Realtime is joined with, where it is used. */
  readonly realtime: RealtimeClient | undefined;
  readonly #api: DataApi;

  constructor(supabase: SupabaseLike, tenantId: string | undefined, useRealtime = false) {
    this.#api = supabase as DataApi;
    this.tenantId = tenantId;
    const hasRealtime = typeof (supabase as Partial<RealtimeClient>).channel === "function";
    if (useRealtime && hasRealtime) this.realtime = supabase as unknown as RealtimeClient;
  }

  /** Calls a function that returns one value. Arguments that are undefined are left out. */
  async value<Data>(
    name: string,
    args: Record<string, unknown>,
    { signal, timeoutMs = TIMEOUT_MS }: CallOptions & { timeoutMs?: number } = {},
  ): Promise<Data> {
    signal?.throwIfAborted();
    const call = this.#api.rpc(name, exact(args));
    return (await this.#reply(call, { timeoutMs, signal })).data as Data;
  }

  /** Calls a function that returns one object. */
  async object<Data extends object>(
    name: string,
    args: Record<string, unknown>,
    options: CallOptions & { timeoutMs?: number } = {},
  ): Promise<Data> {
    const data = await this.value<Data>(name, args, options);
    if (typeof data === "object" && data !== null && !Array.isArray(data)) return data;
    throw notOurs();
  }

  /** Calls a function that returns rows. Throws `reply_cut` when some of them are missing. */
  async rows<Row>(
    name: string,
    args: Record<string, unknown>,
    { signal }: CallOptions,
    { columns, expected }: RowsOptions = {},
  ): Promise<Row[]> {
    signal?.throwIfAborted();
    const counted = expected === undefined ? { count: "exact" } as const : {};
    const call = this.#api.rpc(name, exact(args), counted);
    const sent = columns === undefined ? call : call.select(columns);
    const { data, count } = await this.#reply(sent, { timeoutMs: TIMEOUT_MS, signal });
    const rows = rowsIn<Row>(data);
    const all = expected ?? count ?? rows.length;
    if (rows.length < all) throw replyCut(rows.length, all);
    return rows;
  }

  /** Reads rows of a table. */
  async read<Row>(
    table: string,
    columns: string,
    narrow: (query: Query) => Query,
    { signal }: CallOptions,
  ): Promise<Row[]> {
    signal?.throwIfAborted();
    const query = narrow(this.#api.from(table).select(columns));
    return rowsIn<Row>((await this.#reply(query, { timeoutMs: TIMEOUT_MS, signal })).data);
  }

  async #reply(call: Call, options: Parameters<typeof replyOf>[1]): Promise<Reply> {
    try {
      return await replyOf(call, options);
    } catch (thrown) {
      throw thrown instanceof JobForgeError ? inOwnWords(thrown) : thrown;
    }
  }
}

/** The names of SQL in messages: arguments, and options with more than one word. */
const SQL_NAMES =
  /\bp_([a-z]+(?:_[a-z]+)*)\b|\b(?:max_attempts|timeout_ms|run_at|time_zone|catch_up|idempotency_(?:key|ttl_seconds)|error_code|created_(?:after|before))\b/g;

/** Returns an error of the database in the client's words: its options, and no "job 0". */
function inOwnWords({ code, extras, message }: JobForgeError): JobForgeError {
  const words = message.replace(/^job 0: /, "")
    .replaceAll(SQL_NAMES, (name, argument?: string) => camelName(argument ?? name));
  return new JobForgeError(code, words, extras);
}

function rowsIn<Row>(data: unknown): Row[] {
  if (Array.isArray(data)) return data;
  throw notOurs();
}

function notOurs(): JobForgeError {
  return new JobForgeError("unavailable", "the answer is none of the Data API");
}

/** Returns arguments that supabase-js sends unchanged. It would send a BigInt as a text. */
function exact(args: Record<string, unknown>): Record<string, unknown> {
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  return withRawNumbers(Object.fromEntries(given)) as Record<string, unknown>;
}
