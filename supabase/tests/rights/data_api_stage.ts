import assert from "node:assert/strict";
import { connect, type Sql } from "../../../local/postgres/database.ts";
import { type Stack, startStack } from "../../../local/stack/stack.ts";

/** Two tenants. The attacker belongs to the first. */
export const ACME = "11111111-1111-4111-8111-111111111111";
export const GLOBEX = "22222222-2222-4222-8222-222222222222";
/** The tables of the Data API without their prefix. */
export const TABLES = [
  "jobs",
  "queues",
  "job_attempts",
  "job_results",
  "audit_log",
  "received_webhooks",
];
/** Jobs of the attacker's tenant. */
export const OWN_JOBS = 3;

/** The Data API of a stack without functions, seen by a member of acme. */
export interface Stage {
  stack: Stack;
  sql: Sql;
  member: Record<string, string>;
  /** A job of globex. */
  theirJob: string;
  /** A request below /rest/v1, as the member if nothing else is said. */
  call(path: string, init?: RequestInit & { as?: Record<string, string> }): Promise<Answer>;
}

/** An answer of the Data API. Any answer of 500 or more fails the test by itself. */
export interface Answer {
  status: number;
  text: string;
  headers: Headers;
}

/** Runs `use` on a stack with rows of both tenants. */
export async function onStage(use: (stage: Stage) => Promise<void>): Promise<void> {
  const stack = await startStack({ functions: [] });
  const sql = connect(stack.adminDbUrl);
  try {
    const theirJob = await fill(sql);
    const token = await stack.signUserToken({ tenantId: ACME });
    const member = { apikey: stack.publishableKey, authorization: `Bearer ${token}` };
    await use({ stack, sql, member, theirJob, call: callerOf(stack, member) });
  } finally {
    await sql.end();
    await stack.stop();
  }
}

function callerOf(stack: Stack, member: Record<string, string>): Stage["call"] {
  return async (path, { as = member, headers, ...init } = {}) => {
    const json = init.body ? { "content-type": "application/json" } : {};
    const response = await fetch(`${stack.url}/rest/v1/${path}`, {
      ...init,
      headers: { ...json, ...as, ...headers as Record<string, string> },
    });
    const answer = {
      status: response.status,
      text: await response.text(),
      headers: response.headers,
    };
    // What PostgREST says to a write to a view that takes none.
    const isView = answer.text.startsWith('{"code":"55000"');
    assert.ok(answer.status < 500 || isView, `${path}: ${answer.status} ${answer.text}`);
    assert.doesNotMatch(answer.text, /Failing row|PL\/pgSQL|\bat .+\.[jt]s:\d|sb_secret/);
    return answer;
  };
}

/** Jobs, results, attempts and audit records of both tenants. Returns a job of globex. */
async function fill(sql: Sql): Promise<string> {
  for (const [tenant, count] of [[ACME, OWN_JOBS], [GLOBEX, 5]] as const) {
    const jobs = Array.from({ length: count }, () => ({ type: "test.job" }));
    await sql`select count(*) from public.jobforge_enqueue_jobs(${tenant}, ${sql.json(jobs)})`;
  }
  await sql`
    select jobforge_settle_and_claim(run_id, '[]', 2) from public.jobforge_start_run() as run`;
  await sql`
    insert into jobforge_job_results
    select tenant_id, id, to_jsonb(tenant_id), now() from jobforge_jobs`;
  await sql`
    insert into jobforge.unsuccessful_attempts
    select tenant_id, id, 1, 1, now(), now(), 'errored' from jobforge_jobs`;
  await sql`
    insert into jobforge_audit_log (at, role, tenant_id, action)
    select now(), 'x', tenant_id, 'x' from jobforge_jobs`;
  const [row] = await sql`
    select id from jobforge_jobs where tenant_id = ${GLOBEX} and status = 'queued' limit 1`;
  return row!.id;
}

/** A digest that changes with every row of the public tables. */
export async function fingerprint(sql: Sql): Promise<string> {
  const [row] = await sql`
    select md5(concat(
      (select string_agg(j::text, '' order by id) from jobforge_jobs as j),
      (select string_agg(q::text, '' order by q::text) from jobforge_queues as q),
      (select string_agg(a::text, '' order by a::text) from jobforge_job_attempts as a),
      (select string_agg(r::text, '' order by r::text) from jobforge_job_results as r),
      (select string_agg(l::text, '' order by id) from jobforge_audit_log as l))) as md5`;
  return row!.md5;
}
