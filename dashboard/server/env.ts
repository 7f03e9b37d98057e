import type { EnvSource } from "../../shared/adapters/runtime/env.ts";

/** The environment of the dashboard's server. */
export interface DashboardEnv {
  supabaseUrl: string;
  secretKey: string;
  port: number | undefined;
}

/**
 * Reads SUPABASE_URL and SUPABASE_SECRET_KEY from the environment. When both are missing it reads
 * the variables of the local stack (`export NAME='value'` lines). Throws one Error that names
 * everything missing and holds no value.
 */
export function readDashboardEnv(source: EnvSource, localStack: string): DashboardEnv {
  const inEnvironment = source("SUPABASE_URL") || source("SUPABASE_SECRET_KEY");
  const kept = inEnvironment ? new Map<string, string>() : variablesIn(localStack);
  const read = (name: string) => source(name) || kept.get(name) || "";
  const supabaseUrl = read("SUPABASE_URL");
  const secretKey = read("SUPABASE_SECRET_KEY");
  const missing = [!supabaseUrl && "SUPABASE_URL", !secretKey && "SUPABASE_SECRET_KEY"]
    .filter(Boolean);
  if (missing.length > 0) {
    throw new Error(`${missing.join(" and ")} missing: set them, or start \`deno task dev\` first`);
  }
  if (!isSafe(supabaseUrl)) throw new Error("SUPABASE_URL must be https, or http on this machine");
  const portText = source("JOBFORGE_DASHBOARD_PORT");
  const port = portText ? Number(portText) : undefined;
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65_536)) {
    throw new Error("JOBFORGE_DASHBOARD_PORT must be a port, an integer from 0 to 65535");
  }
  return { supabaseUrl, secretKey, port };
}

function variablesIn(text: string): Map<string, string> {
  const lines = text.matchAll(/^export ([A-Z_]+)='([^']*)'$/gm);
  return new Map(Array.from(lines, ([, name, value]) => [name!, value!]));
}

function isSafe(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" ||
    protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
}
