import { writeJson } from "../../shared/core/encoding/exact_json.ts";
import { JobForgeError } from "../../shared/core/errors.ts";
import { keyHeaders } from "../../shared/core/http/credential.ts";
import { fromRpcFailure } from "../../shared/core/http/rpc_error.ts";
import type { CallArguments, CallName } from "../contract/calls.ts";

/** The calls and reads of the dashboard's server. Both throw JobForgeError. */
export interface Data {
  call(name: CallName, args: CallArguments): Promise<string>;
  /** Reads a path of `readPath`. */
  read(path: string): Promise<string>;
}

const TIMEOUT_MS = 20_000;

/** Creates the access to the Data API with a secret key, which only these requests carry. */
export function openData(supabaseUrl: string, secretKey: string): Data {
  const base = supabaseUrl.replace(/\/+$/, "");
  const headers = { ...keyHeaders(secretKey), accept: "application/json" };
  return {
    call: (name, args) =>
      request(`${base}/rest/v1/rpc/${name}`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: writeJson(args),
      }),
    read: (path) => request(`${base}${path}`, { headers }),
  };
}

async function request(url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, {
    ...init,
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => {
    throw new JobForgeError("unavailable", "the Data API is unreachable");
  });
  const text = await response.text();
  if (response.ok) return text || "null";
  throw fromRpcFailure(failureIn(text), response.status);
}

function failureIn(text: string): Record<string, string> {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
