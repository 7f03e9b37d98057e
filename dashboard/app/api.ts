import { parseJson, writeJson } from "../../shared/core/encoding/exact_json.ts";
import { type ErrorCode, JobForgeError } from "../../shared/core/errors.ts";
import { fromRpcFailure } from "../../shared/core/http/rpc_error.ts";
import type { CallArguments, ViewCallName } from "../contract/calls.ts";
import { type ReadName, readPath } from "../contract/reads.ts";
import { tenantsOf } from "./tenants.ts";

/** The data of a view. Every method throws JobForgeError. */
export interface Api {
  /**
   * True with an operator's rights over all tenants. The view then shows more, which the database
   * would reject for users.
   */
  readonly operator: boolean;
  /** Whether the view offers changes of webhook destinations. */
  readonly managesDestinations: boolean;
  /** Returns the tenants of a user who has several, to choose one. */
  tenants(): Promise<string[]>;
  call<T>(name: ViewCallName, args?: CallArguments): Promise<T>;
  read<T>(name: ReadName, parameters: Record<string, string>): Promise<T[]>;
}

/** Creates the API of the dashboard's own server, with the token of its start. */
export function operatorApi(token: string): Api {
  const headers = { authorization: `Bearer ${token}` };
  return {
    operator: true,
    managesDestinations: true,
    tenants: () => Promise.resolve([]),
    call: (name, args = {}) => post(`api/call/${name}`, headers, args, ownFailure),
    read: (name, parameters) => {
      readPath(name, parameters);
      return get(`api/read/${name}?${new URLSearchParams(parameters)}`, headers, ownFailure);
    },
  };
}

/** The options of the tenant view in an application. */
export interface TenantOptions {
  supabaseUrl: string;
  publishableKey: string;
  /** Returns the user's current access token. Called before every request. */
  accessToken: () => string | Promise<string>;
  /**
   * Shows how to create and change webhook destinations. The database rejects it unless an operator
   * called `jobforge_configure_publishing` (default: false).
   */
  manageDestinations?: boolean;
}

/** Creates the API of a user on the Data API, where row level security applies. */
export function tenantApi(
  { supabaseUrl, publishableKey, accessToken, manageDestinations = false }: TenantOptions,
): Api {
  const base = supabaseUrl.replace(/\/+$/, "");
  const headers = async () => ({
    apikey: publishableKey,
    authorization: `Bearer ${await accessToken()}`,
  });
  return {
    operator: false,
    managesDestinations: manageDestinations,
    tenants: async () => tenantsOf(await accessToken()),
    call: async (name, args = {}) =>
      await post(`${base}/rest/v1/rpc/${name}`, await headers(), args, dataApiFailure),
    read: async (name, parameters) =>
      await get(`${base}${readPath(name, parameters)}`, await headers(), dataApiFailure),
  };
}

type ToFailure = (body: Record<string, string>, status: number) => JobForgeError;

function post<T>(
  url: string,
  headers: Record<string, string>,
  args: CallArguments,
  toFailure: ToFailure,
): Promise<T> {
  const body = writeJson(args);
  const type = { "content-type": "application/json" };
  return request(url, { method: "POST", headers: { ...headers, ...type }, body }, toFailure);
}

function get<T>(url: string, headers: Record<string, string>, toFailure: ToFailure): Promise<T> {
  return request(url, { headers }, toFailure);
}

async function request<T>(url: string, init: RequestInit, toFailure: ToFailure): Promise<T> {
  const response = await fetch(url, { ...init, cache: "no-store" }).catch(() => {
    throw new JobForgeError("unavailable", "the server is unreachable");
  });
  const text = await response.text();
  if (response.ok) return parseJson(text || "null") as T;
  throw toFailure(objectIn(text), response.status);
}

function ownFailure(problem: Record<string, string>): JobForgeError {
  return new JobForgeError(
    (problem.code ?? "internal") as ErrorCode,
    problem.detail ?? "the request failed",
  );
}

function dataApiFailure(body: Record<string, string>, status: number): JobForgeError {
  return fromRpcFailure(body, status);
}

function objectIn(text: string): Record<string, string> {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
