import type { Bytes } from "../../core/encoding/bytes.ts";
import { fromRpcFailure, type RpcFailure } from "../../core/http/rpc_error.ts";
import type { InFlightLimit } from "./in_flight_limit.ts";

/** The reply of a Data API call, as in supabase-js. */
export interface Reply {
  data: unknown;
  error: RpcFailure | null;
  status: number;
  /** Bytes of the body, for `postRpc`. */
  bytes?: number;
  /** Seconds of `Retry-After`, if a failure has it. */
  retryAfterSeconds?: number;
  /** The number of all rows, if it was asked for. */
  count?: number | null;
}

/** A call that can be awaited, and aborted. */
export interface Call extends PromiseLike<Reply> {
  abortSignal(signal: AbortSignal): PromiseLike<Reply>;
}

/** A call of a function, from whose rows columns can be chosen. */
export interface RpcCall extends Call {
  select(columns: string): Call;
}

/** The part of a supabase-js query builder JobForge uses. */
export interface Query extends Call {
  eq(column: string, value: unknown): Query;
  lt(column: string, value: unknown): Query;
  gt(column: string, value: unknown): Query;
  order(column: string, options: { ascending: boolean }): Query;
  limit(rows: number): Query;
}

/** The part of a supabase-js client JobForge uses. */
export interface DataApi {
  rpc(name: string, args: Record<string, unknown>, options?: { count?: "exact" }): RpcCall;
  from(table: string): { select(columns: string): Query };
}

/** A Data API that also takes bodies as they are. */
export interface RunApi extends DataApi {
  /**
   * Calls an RPC with a body of JSON that is already written. Rejects with ReplyTooLargeError when
   * the reply has more than `maxReplyBytes`.
   */
  postRpc(name: string, body: string | Bytes, maxReplyBytes: number): Call;
}

/** Bounds of one call. */
export interface CallOptions {
  /** Milliseconds until the call counts as failed, its body included. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Rejects the call when too many are in flight. */
  inFlight?: InFlightLimit | undefined;
}

/** Calls an RPC and returns its data. Throws JobForgeError. */
export async function callRpc(
  api: DataApi,
  name: string,
  args: Record<string, unknown>,
  options: CallOptions,
): Promise<unknown> {
  return await dataOf(api.rpc(name, args), options);
}

/** Awaits a call within its bounds and returns its data. Throws JobForgeError. */
export async function dataOf(call: Call, options: CallOptions): Promise<unknown> {
  return (await replyOf(call, options)).data;
}

/** Awaits a call within its bounds and returns its reply. Throws JobForgeError. */
export async function replyOf(call: Call, options: CallOptions): Promise<Reply> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, options.timeoutMs);
  options.signal?.addEventListener("abort", abort, { once: true });
  if (options.signal?.aborted) abort();
  try {
    const send = () => call.abortSignal(controller.signal);
    const reply = await (options.inFlight ? options.inFlight.pass(send) : send());
    const { error, status, retryAfterSeconds } = reply;
    options.signal?.throwIfAborted();
    if (!error) return reply;
    throw fromRpcFailure(error, status, retryAfterSeconds ? { retryAfterSeconds } : {});
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", abort);
  }
}
