import { parseJson, writeJson } from "../shared/core/encoding/exact_json.ts";
import { UsageError } from "./usage_error.ts";

/** The address and keys of a project. */
export interface Project {
  /** `https://<ref>.supabase.co`, without a slash at the end. */
  url: string;
  /** `sb_secret_…`, or the legacy service_role JWT. */
  secretKey: string;
  /** `sb_publishable_…` or the legacy anon JWT, if given, for the check of its rights. */
  publishableKey: string | undefined;
}

/** A reply of the project. `body` is undefined when it is not JSON. */
export interface Reply {
  status: number;
  headers: Headers;
  body: unknown;
}

const TIMEOUT_MS = 15_000;

/**
 * Reads the project from the environment. Throws an Error that names everything missing, and a
 * UsageError for an address that is none.
 */
export function readProject(env: (name: string) => string | undefined): Project {
  const url = env("SUPABASE_URL")?.replace(/\/+$/, "");
  const secretKey = firstKey(env("SUPABASE_SECRET_KEYS")) ?? env("SUPABASE_SECRET_KEY") ??
    env("SUPABASE_SERVICE_ROLE_KEY");
  const publishableKey = firstKey(env("SUPABASE_PUBLISHABLE_KEYS")) ??
    env("SUPABASE_PUBLISHABLE_KEY") ?? env("SUPABASE_ANON_KEY");
  if (!url || !secretKey) {
    throw new Error(
      "set SUPABASE_URL and SUPABASE_SECRET_KEY (and SUPABASE_PUBLISHABLE_KEY to check it)",
    );
  }
  if (!/^https?:\/\/[^/]/i.test(url) || !URL.canParse(url)) {
    throw new UsageError(
      "SUPABASE_URL must begin with https://, as in https://<ref>.supabase.co",
    );
  }
  return { url, secretKey, publishableKey };
}

/** Returns the key `default` of a JSON map of keys, or its first. */
function firstKey(text: string | undefined): string | undefined {
  if (!text) return undefined;
  try {
    const keys = JSON.parse(text) as Record<string, string>;
    return keys.default ?? Object.values(keys)[0];
  } catch {
    return undefined;
  }
}

/** Calls an RPC under a key. */
export function callRpc(
  project: Project,
  key: string,
  name: string,
  args: Record<string, unknown>,
): Promise<Reply> {
  return call(`${project.url}/rest/v1/rpc/${name}`, {
    method: "POST",
    headers: { ...headersOf(key), "content-type": "application/json" },
    body: writeJson(args),
  });
}

/** Calls a function without any credential. */
export function callFunction(project: Project, path: string, method: string): Promise<Reply> {
  return call(`${project.url}/functions/v1/${path}`, { method });
}

// Only a legacy key is a JWT.
function headersOf(key: string): Record<string, string> {
  return key.startsWith("sb_") ? { apikey: key } : { apikey: key, authorization: `Bearer ${key}` };
}

// A redirect would take the key elsewhere.
async function call(url: string, init: RequestInit): Promise<Reply> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, { ...init, signal, redirect: "error" });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
