import assert from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { connect, type Sql } from "../../../local/postgres/database.ts";
import { type Stack, startStack } from "../../../local/stack/stack.ts";
import { createJobForge, type JobForge } from "../../../shared/client.ts";
import { definitions } from "../../../shared/jobs/definitions.ts";
import { withoutLeaks } from "./leaks.ts";

/** Two tenants of the tests. */
export const ACME = "11111111-1111-4111-8111-111111111111";
export const GLOBEX = "22222222-2222-4222-8222-222222222222";

/** A running stack with what the tests need of it. */
export interface Stage {
  stack: Stack;
  /** As the superuser, to read, and to move what only time would. */
  sql: Sql;
  /**
   * POST (a text as it is, anything else as JSON) or GET below /functions/v1. Checks every answer
   * for what it must not show.
   */
  call(path: string, headers: Record<string, string>, body?: unknown): Promise<Response>;
  /** Headers of a user of a tenant. */
  user(tenantId: string): Promise<Record<string, string>>;
  /** The client library under the secret key, for one tenant. */
  jobs(tenantId?: string): JobForge<typeof definitions>;
  /** The client library as a user of a tenant. */
  userJobs(tenantId: string): Promise<JobForge<typeof definitions>>;
  /** Calls a worker RPC with the secret key. */
  rpc(name: string, args: Record<string, unknown>): Promise<Response>;
}

/**
 * Runs steps on one stack. JOBFORGE_EDGE_DENO names another deno for the functions, such as the
 * 2.1.4 the platform is compatible with. `more.functions` is a folder of other functions.
 */
export async function onStage(
  use: (stage: Stage) => Promise<void>,
  workerEnv: Record<string, string> = {},
  webhookEnv: Record<string, string> = {},
  more: { enqueueEnv?: Record<string, string>; functions?: string } = {},
): Promise<void> {
  const execPath = Deno.env.get("JOBFORGE_EDGE_DENO");
  const exec = execPath ? { execPath } : {};
  const functionOptions = {
    worker: { ...exec, env: workerEnv },
    enqueue: { ...exec, env: more.enqueueEnv ?? {} },
    "webhook-verify": { ...exec, env: webhookEnv },
  };
  const files = more.functions ? { functions: more.functions } : {};
  const functions = Object.keys(functionOptions);
  const stack = await startStack({ functionOptions, functions, files });
  const sql = connect(stack.adminDbUrl);
  try {
    await use(stageOf(stack, sql));
  } catch (error) {
    for (const name of ["worker", "webhook-verify"]) {
      console.error(stack.logs(name).slice(-20).join("\n"));
    }
    throw error;
  } finally {
    await sql.end();
    await stack.stop();
  }
}

function stageOf(stack: Stack, sql: Sql): Stage {
  const clientOptions = { auth: { persistSession: false, autoRefreshToken: false } };
  const service = createClient(stack.url, stack.secretKey, clientOptions);
  const library = (client: SupabaseClient, tenantId?: string) =>
    createJobForge(client, { definitions, ...(tenantId ? { tenantId } : {}) });
  return {
    stack,
    sql,
    async call(path, headers, body) {
      const response = await fetch(`${stack.url}/functions/v1/${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: textOf(body) }),
      });
      return await withoutLeaks(response);
    },
    async user(tenantId) {
      const jwt = await stack.signUserToken({ tenantId });
      return { authorization: `Bearer ${jwt}`, apikey: stack.publishableKey };
    },
    jobs: (tenantId = ACME) => library(service, tenantId),
    async userJobs(tenantId) {
      const jwt = await stack.signUserToken({ tenantId });
      const accessToken = () => Promise.resolve(jwt);
      return library(createClient(stack.url, stack.publishableKey, { accessToken }));
    },
    rpc: (name, args) =>
      fetch(`${stack.url}/rest/v1/rpc/${name}`, {
        method: "POST",
        headers: { "content-type": "application/json", apikey: stack.secretKey },
        body: JSON.stringify(args),
      }),
  };
}

function textOf(body: unknown): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

/** Waits until `check` gives a value. Throws after two minutes, with what never came. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined>,
): Promise<T> {
  for (const deadline = Date.now() + 120_000; Date.now() < deadline;) {
    const value = await check();
    if (value !== undefined) return value;
    await pause(50);
  }
  assert.fail(`waited two minutes for: ${what}`);
}

/** Resolves after some milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
