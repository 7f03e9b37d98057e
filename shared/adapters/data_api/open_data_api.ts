import { parseJson, writeJson } from "../../core/encoding/exact_json.ts";
import type { Bytes } from "../../core/encoding/bytes.ts";
import { ReplyTooLargeError } from "../../worker/ports.ts";
import type { Call, Query, Reply, RunApi } from "./data_api.ts";

/** The address of the Data API and the credential for it. */
export interface DataApiOptions {
  supabaseUrl: string;
  /** `apikey`, and `authorization` where the caller is a user or the key is a legacy JWT. */
  headers: Record<string, string>;
  /** Callback for each reply whose body has arrived, before it is parsed. */
  onReply?: () => void;
}

/** A reply that no call of JobForge reaches, so that no answer takes the memory of the isolate. */
const MAX_REPLY_BYTES = 64 * 1024 * 1024;
const JSON_BODY = { "content-type": "application/json" };

/** Opens the Data API. Unlike supabase-js it sends and reads every number exactly. */
export function openDataApi(options: DataApiOptions): RunApi {
  const { supabaseUrl, headers, onReply = () => {} } = options;
  const url = `${supabaseUrl.replace(/\/+$/, "")}/rest/v1`;
  const send = (path: string, init: RequestInit, maxBytes: number) =>
    callOf(async (signal) => {
      // A redirect would take the key elsewhere.
      const response = await fetch(`${url}/${path}`, { ...init, signal, redirect: "error" });
      const { text, bytes } = await readText(response, maxBytes);
      onReply();
      return { ...parseReply(response, text), bytes, ...retryAfterOf(response) };
    });
  const post = (path: string, body: string | Bytes, maxBytes: number) =>
    send(path, { method: "POST", headers: { ...headers, ...JSON_BODY }, body }, maxBytes);
  return {
    rpc(name, args) {
      const body = writeJson(args);
      const select = (columns: string) =>
        post(`rpc/${name}?${new URLSearchParams({ select: columns })}`, body, MAX_REPLY_BYTES);
      return { ...post(`rpc/${name}`, body, MAX_REPLY_BYTES), select };
    },
    postRpc: (name, body, maxReplyBytes) => post(`rpc/${name}`, body, maxReplyBytes),
    from: (table) => ({
      select: (columns) =>
        queryOf(
          [["select", columns]],
          (parameters) => send(`${table}?${parameters}`, { headers }, MAX_REPLY_BYTES),
        ),
    }),
  };
}

function retryAfterOf({ ok, headers }: Response): { retryAfterSeconds?: number } {
  const seconds = Number(headers.get("retry-after") ?? NaN);
  return !ok && Number.isFinite(seconds) ? { retryAfterSeconds: seconds } : {};
}

/** Returns a query with these parameters of PostgREST, to which others can be added. */
function queryOf(
  parameters: [name: string, value: string][],
  send: (parameters: URLSearchParams) => Call,
): Query {
  const add = (name: string, value: string) => queryOf([...parameters, [name, value]], send);
  return {
    ...send(new URLSearchParams(parameters)),
    eq: (column, value) => add(column, `eq.${value}`),
    lt: (column, value) => add(column, `lt.${value}`),
    gt: (column, value) => add(column, `gt.${value}`),
    order: (column, { ascending }) => add("order", `${column}.${ascending ? "asc" : "desc"}`),
    limit: (rows) => add("limit", String(rows)),
  };
}

/** Returns a call that is sent when it is awaited. An outage is a reply with an error. */
function callOf(send: (signal: AbortSignal | null) => Promise<Reply>): Call {
  const safely = (signal: AbortSignal | null) =>
    send(signal).catch((thrown): Reply => {
      if (thrown instanceof ReplyTooLargeError) throw thrown;
      return { data: null, error: {}, status: 0 };
    });
  return { abortSignal: safely, then: (...handlers) => safely(null).then(...handlers) };
}

/** Reads a body of at most `maxBytes`. */
async function readText(
  response: Response,
  maxBytes: number,
): Promise<{ text: string; bytes: number }> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    // Leaving the loop cancels the body.
    if (bytes > maxBytes) throw new ReplyTooLargeError(maxBytes);
    text += decoder.decode(chunk, { stream: true });
  }
  return { text: text + decoder.decode(), bytes };
}

/** The only place where a body of the Data API becomes a value. Its numbers stay exact. */
function parseReply({ ok, status }: Response, text: string): Reply {
  try {
    const data: unknown = text === "" ? null : parseJson(text);
    if (ok) return { data, error: null, status };
    return { data: null, error: Object(data), status };
  } catch {
    // Not JSON: the answer of a proxy. A success that cannot be read is an outage.
    return { data: null, error: {}, status: ok ? 502 : status };
  }
}
