import type { RunApi } from "../../shared/adapters/data_api/data_api.ts";
import { openDataApi } from "../../shared/adapters/data_api/open_data_api.ts";
import { openDirectApi } from "../../shared/adapters/postgres/direct_api.ts";
import type { ContainerEnv } from "../../shared/adapters/runtime/env.ts";
import { keyHeaders } from "../../shared/core/http/credential.ts";

/** The functions of the database, over the Data API or a direct connection. */
export interface Connection extends RunApi {
  close(): Promise<void>;
}

/** What a connection needs. It can be passed to another thread. */
export type ConnectionEnv = Pick<
  ContainerEnv,
  "supabaseUrl" | "serviceKey" | "databaseUrl" | "prepare"
>;

/** Opens the connection that the environment names. Throws an Error for a login it refuses. */
export async function openConnection(
  { supabaseUrl, serviceKey, databaseUrl, prepare }: ConnectionEnv,
  onReply: () => void = () => {},
): Promise<Connection> {
  if (databaseUrl !== undefined) return await openDirectApi({ databaseUrl, prepare, onReply });
  const api = openDataApi({ supabaseUrl, headers: keyHeaders(serviceKey), onReply });
  return Object.assign(api, { close: () => Promise.resolve() });
}
