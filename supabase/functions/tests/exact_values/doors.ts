import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { run } from "../../../../cli/run.ts";
import { tenantApi } from "../../../../dashboard/app/api.ts";
import { createDashboard } from "../../../../dashboard/server/app.ts";
import { openData } from "../../../../dashboard/server/data.ts";
import { createJobForge } from "../../../../shared/client.ts";
import { ACME, type Stage } from "../stage.ts";
import { definitions } from "./definitions.ts";

/** The client with the job types of these tests. */
export function clientOf({ stack }: Stage) {
  const options = { auth: { persistSession: false, autoRefreshToken: false } };
  const supabase = createClient(stack.url, stack.secretKey, options);
  return createJobForge(supabase, { definitions, tenantId: ACME });
}

/** Enqueues over HTTP. Returns the ID of the job, or the code of the refusal. */
export async function enqueueOverHttp(
  stage: Stage,
  payload: string,
  type = "exact.echo",
): Promise<string> {
  const body = `{"type":"${type}","payload":${payload}}`;
  const { job_id, code } = await (await stage.call("enqueue", await stage.user(ACME), body)).json();
  return job_id ?? code;
}

/** Enqueues in SQL. Returns the ID of the job, or the SQLSTATE of the refusal. */
export async function enqueueInSql(
  stage: Stage,
  payload: string,
  type = "exact.echo",
): Promise<string> {
  try {
    const [row] = await stage.sql`
      select job_id from public.jobforge_enqueue_job(${ACME}, ${type}, ${payload}::text::jsonb)`;
    return row!.job_id;
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
}

/** Runs a command line on the stage. */
export async function runCli(
  { stack }: Stage,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const environment: Record<string, string> = {
    SUPABASE_URL: stack.url,
    SUPABASE_SECRET_KEY: stack.secretKey,
  };
  const code = await run(args, {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    isInteractive: false,
    env: (name) => environment[name],
    readInput: () => Promise.resolve(""),
    ask: () => Promise.resolve(undefined),
    pause: () => Promise.resolve(),
  }, {
    devVariables: () => ({}),
    kit: () => Promise.reject(new Error("no command here builds the package")),
    folder: "/",
    command: "jobforge",
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

/** Asks the dashboard's server. Returns the text of its answer. */
export async function askDashboard(
  { stack }: Stage,
  path: string,
  body?: string,
): Promise<string> {
  const answer = createDashboard({
    guard: { admit() {}, authenticate: () => Promise.resolve() },
    data: openData(stack.url, stack.secretKey),
    assets: new Map(),
  });
  const init = body === undefined
    ? {}
    : { method: "POST", headers: { "content-type": "application/json" }, body };
  return await (await answer(new Request(`http://127.0.0.1/api/${path}`, init))).text();
}

/** Reads a part of a job as the page of the dashboard does. */
export async function readOnPage(
  { stack }: Stage,
  name: "job" | "payload" | "result",
  job: string,
): Promise<Record<string, unknown>> {
  const api = tenantApi({
    ...{ supabaseUrl: stack.url, publishableKey: stack.publishableKey },
    accessToken: () => stack.signUserToken({ tenantId: ACME }),
  });
  const [row] = await api.read<Record<string, unknown>>(name, { tenant: ACME, job });
  return row!;
}

/** Fails with the members of two texts of JSON that differ for Postgres. */
export async function assertSame(stage: Stage, actual: string, expected: string): Promise<void> {
  const differing = await stage.sql`
    select wanted.key, wanted.value::text as wanted, (${actual}::text::jsonb -> wanted.key)::text as got
    from jsonb_each(${expected}::text::jsonb) as wanted
    where ${actual}::text::jsonb -> wanted.key is distinct from wanted.value`;
  assert.deepEqual([...differing], []);
}
