import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { parseEnqueueBody } from "../../../shared/core/job/job_request.ts";
import { defineJob, JOB_DEFAULTS } from "../../../shared/core/job/job_type.ts";
import { settleAndClaim, startRun } from "../concurrency/actors.ts";

const name = (length: number) => "a".repeat(length);

/** Values of the members of a job that lie on both sides of each limit. */
const VALUES: Record<string, unknown[]> = {
  type: [name(1), name(128), name(129), "", "1a", "a b", "a\n", "A.b:c-d_e", "ä"],
  queue: ["default", name(63), name(64), "", "A", "1a", "a b", "default\n", "a.b-c_d", "ä"],
  idempotency_key: [name(1), name(200), name(201), ""],
  idempotency_ttl_seconds: [0, 1, 31_622_400, 31_622_401],
  priority: [-101, -100, 100, 101],
  max_attempts: [0, 1, 1_000, 1_001],
  timeout_ms: [99, 100, 86_400_000, 86_400_001],
  run_at: [
    ...["2026-11-28T09:00:00Z", "2026-11-28T09:00:00.123+05:30", "2026-11-28T09:00Z"],
    ...["2026-11-28T09:00:00", "2026-11-28", "01/12/2026", "2026-11-28 09:00:00Z", "now"],
    ...["infinity", "2026-02-30T09:00:00Z", "2026-11-28T24:00:00Z", "2026-11-28T09:00:00+0100"],
    ...["2026-11-28T09:00:00 Europe/Berlin", "2026-11-28T09:00:60Z", "20261128T090000Z"],
  ],
};

function overHttp(job: Record<string, unknown>): boolean {
  try {
    return parseEnqueueBody(job) !== undefined;
  } catch {
    return false;
  }
}

async function inSql(sql: Sql, job: Record<string, unknown>): Promise<boolean> {
  const tenantId = crypto.randomUUID();
  const queue = String(job.queue ?? "default");
  try {
    if (queue !== "default") await sql`select from jobforge_configure_queue(${tenantId}, ${queue})`;
    await sql`select from jobforge_enqueue_jobs(${tenantId}, ${sql.json([job] as never)})`;
    return true;
  } catch (error) {
    assert.equal((error as { detail: string }).detail, "invalid_argument", String(error));
    return false;
  }
}

Deno.test("HTTP and SQL take the same values of every member of a job", () =>
  withDatabase(async ({ sql }) => {
    for (const [member, values] of Object.entries(VALUES)) {
      for (const value of values) {
        const job = { type: "a", ...{ [member]: value } };
        assert.equal(overHttp(job), await inSql(sql, job), `${member}: ${JSON.stringify(value)}`);
      }
    }
  }));

Deno.test("a declaration in TypeScript takes the types, attempts and timeouts that SQL takes", () =>
  withDatabase(async ({ sql }) => {
    const options = { type: "type", max_attempts: "maxAttempts", timeout_ms: "timeoutMs" };
    for (const [member, option] of Object.entries(options)) {
      for (const value of VALUES[member]!) {
        const declare = () => defineJob({ type: "a", ...{ [option]: value } });
        if (await inSql(sql, { type: "a", [member]: value })) declare();
        else assert.throws(declare, RangeError, `${member}: ${JSON.stringify(value)}`);
      }
    }
  }));

/** Lets a job of the type `test` fail, and returns for how long it waits after each attempt. */
async function waits(sql: Sql, attempts: number[]): Promise<number[]> {
  const found: number[] = [];
  const tenantId = crypto.randomUUID();
  const [made] = await sql`select job_id from jobforge_enqueue_job(
    ${tenantId}, 'test', p_max_attempts => 1000)`;
  for (let attempt = 1; attempt <= attempts.at(-1)!; attempt++) {
    const runId = await startRun(sql);
    const { jobs } = await settleAndClaim(sql, runId, [], 1);
    const { id, lease_token } = jobs[0]!;
    const outcome = { id, lease_token, outcome: "errored" } as const;
    const isMeasured = attempts.includes(attempt);
    const now = Date.now();
    await settleAndClaim(sql, runId, [isMeasured ? outcome : { ...outcome, retry_after_ms: 0 }], 0);
    if (!isMeasured) continue;
    const [row] = await sql`select run_at from jobforge_jobs where id = ${made!.job_id}`;
    found.push(row!.run_at.getTime() - now);
    await sql`select jobforge_reschedule_job(${made!.job_id}, now(), ${tenantId})`;
  }
  await sql`select from jobforge_cancel_job(${made!.job_id}, ${tenantId})`;
  return found;
}

Deno.test("a type that declares nothing has the defaults of TypeScript, and so has an unknown one", () =>
  withDatabase(async ({ sql }) => {
    const { baseMs, capMs } = JOB_DEFAULTS.backoff;
    for (const declared of [false, true]) {
      if (declared) await sql`select from jobforge_start_run(p_types => '[{"type": "test"}]')`;
      const [first, twelfth] = await waits(sql, [1, 12]);
      assert.ok(first! >= baseMs / 2 && first! <= baseMs + 1_000, `first wait: ${first} ms`);
      assert.ok(twelfth! >= capMs / 2 && twelfth! <= capMs + 1_000, `longest wait: ${twelfth} ms`);
    }
    const [row] = await sql`
      select max_attempts, timeout_ms, backoff_base_ms, backoff_cap_ms from jobforge.job_types`;
    const { maxAttempts, timeoutMs } = JOB_DEFAULTS;
    const expected = {
      ...{ max_attempts: maxAttempts, timeout_ms: timeoutMs },
      ...{ backoff_base_ms: baseMs, backoff_cap_ms: capMs },
    };
    assert.deepEqual({ ...row }, expected);
  }));
