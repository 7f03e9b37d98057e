import { PostgrestClient } from "@supabase/postgrest-js";
import type { DataApi } from "./data_api.ts";

/** The address of the Data API and the credential for it. */
export interface DataApiOptions {
  supabaseUrl: string;
  /** `apikey`, and `authorization` where the caller is a user or the key is a legacy JWT. */
  headers: Record<string, string>;
  /** Callback for each reply body before it is parsed, with its length in characters. */
  onReply?: (length: number) => void;
}

/**
 * Opens the Data API with supabase-js's own REST client. The whole of supabase-js would cost
 * every cold start some 60 ms of CPU for parts (auth, storage, realtime) no function uses.
 */
export function openDataApi(options: DataApiOptions): DataApi {
  const { supabaseUrl, headers, onReply } = options;
  const observed = async (...request: Parameters<typeof fetch>): Promise<Response> => {
    const response = await fetch(...request);
    const seconds = Number(response.headers.get("retry-after") ?? NaN);
    if (!response.ok && Number.isFinite(seconds)) api.retryAfterSeconds = seconds;
    return onReply ? observeBody(response, onReply) : response;
  };
  const url = `${supabaseUrl.replace(/\/+$/, "")}/rest/v1`;
  const client = new PostgrestClient(url, { headers, fetch: observed, retry: false });
  const api = client as unknown as DataApi;
  return api;
}

function observeBody(response: Response, onReply: (length: number) => void): Response {
  const read = response.text.bind(response);
  return Object.defineProperty(response, "text", {
    value: async () => {
      const text = await read();
      onReply(text.length);
      return text;
    },
  });
}
