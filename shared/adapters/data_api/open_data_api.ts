import { PostgrestClient } from "@supabase/postgrest-js";
import { ReplyTooLargeError } from "../../worker/ports.ts";
import type { Call, Reply, RunApi } from "./data_api.ts";

/** The address of the Data API and the credential for it. */
export interface DataApiOptions {
  supabaseUrl: string;
  /** `apikey`, and `authorization` where the caller is a user or the key is a legacy JWT. */
  headers: Record<string, string>;
  /** Callback for each reply whose body has arrived, before it is parsed. */
  onReply?: () => void;
}

/**
 * Opens the Data API with supabase-js's own REST client. The whole of supabase-js would cost
 * every cold start some 60 ms of CPU for parts (auth, storage, realtime) no function uses.
 */
export function openDataApi(options: DataApiOptions): RunApi {
  const { supabaseUrl, headers, onReply = () => {} } = options;
  const observed = async (...request: Parameters<typeof fetch>): Promise<Response> => {
    const response = await fetch(...request);
    const seconds = Number(response.headers.get("retry-after") ?? NaN);
    if (!response.ok && Number.isFinite(seconds)) api.retryAfterSeconds = seconds;
    return observeBody(response, onReply);
  };
  const url = `${supabaseUrl.replace(/\/+$/, "")}/rest/v1`;
  const client = new PostgrestClient(url, { headers, fetch: observed, retry: false });
  const api = client as unknown as RunApi;
  api.postRpc = (name, body, maxReplyBytes) =>
    callOf(async (signal) => {
      const init = { method: "POST", headers: { ...headers, ...JSON_BODY }, body, signal };
      const response = await observed(`${url}/rpc/${name}`, init);
      const { text, bytes } = await readText(response, maxReplyBytes);
      onReply();
      return { ...parseReply(response, text), bytes };
    });
  return api;
}

const JSON_BODY = { "content-type": "application/json" };

function observeBody(response: Response, onReply: () => void): Response {
  const read = response.text.bind(response);
  return Object.defineProperty(response, "text", {
    value: async () => {
      const text = await read();
      onReply();
      return text;
    },
  });
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

function parseReply({ ok, status }: Response, text: string): Reply {
  try {
    const data: unknown = text === "" ? null : JSON.parse(text);
    if (ok) return { data, error: null, status };
    return { data: null, error: Object(data), status };
  } catch {
    // Not JSON: the answer of a proxy. A success that cannot be read is an outage.
    return { data: null, error: {}, status: ok ? 502 : status };
  }
}
