import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { type ClaimedJob, type Outcome, settleAndClaim } from "./actors.ts";
import { miscounted, misplaced } from "./invariants.ts";

const SECONDS = Number(Deno.env.get("STRESS_SECONDS") ?? "4");
const ACTORS = 8;

/** Refusals that a caller has to expect. Deadlocks and anything else are faults. */
const EXPECTED = ["40001", "57014", "PT404", "PT409", "PT410", "PT429"];

const LEVELS = ["read committed", "repeatable read", "serializable"];

for (const level of LEVELS) {
  Deno.test(`random calls leave every job in one place at ${level}`, async () => {
    await withDatabase(async ({ sql, open }) => {
      const tenants = Array.from({ length: 4 }, () => crypto.randomUUID());
      await sql`select from jobforge_configure_queue(${tenants[0]!}, 'default',
        '{"max_running": 3, "max_queued": 40}')`;
      await sql`select from jobforge_configure_queue(${tenants[1]!}, 'default',
        '{"rate_limit": 1000, "rate_period_ms": 1000, "rate_burst": 5}')`;
      const until = performance.now() + SECONDS * 1000;
      const problems = new Map<string, number>();
      await Promise.all((await open(ACTORS)).map(async (connection, index) => {
        await connection.unsafe(`set default_transaction_isolation = '${level}'`);
        const actor = new Actor(connection, tenants, index);
        while (performance.now() < until) {
          try {
            await actor.step();
          } catch (error) {
            const { code, message } = error as { code?: string; message: string };
            if (!EXPECTED.includes(code ?? "")) {
              const problem = `${code}: ${message}`;
              problems.set(problem, (problems.get(problem) ?? 0) + 1);
            }
          }
        }
        await connection`set default_transaction_isolation = 'read committed'`;
      }));
      assert.deepEqual([...problems], []);
      assert.deepEqual(await misplaced(sql), []);
      assert.deepEqual(await miscounted(sql), []);
      await drain(sql);
      assert.deepEqual(await misplaced(sql), []);
      assert.deepEqual(await miscounted(sql), []);
    });
  });
}

/** One connection that calls at random, now and then with a timeout that strikes. */
class Actor {
  #run: string | undefined;
  #held: ClaimedJob[] = [];

  constructor(
    private readonly sql: Sql,
    private readonly tenants: string[],
    private readonly index: number,
  ) {}

  async step(): Promise<void> {
    const strikes = Math.random() < 0.1;
    if (strikes) await this.sql`set statement_timeout = 2`;
    try {
      if (this.index < ACTORS / 2) await this.work();
      else await this.use();
    } finally {
      if (strikes) await this.sql`set statement_timeout = 0`;
    }
  }

  async work(): Promise<void> {
    const dice = Math.random();
    if (this.#run === undefined || dice < 0.02) {
      const [started] = await this.sql`select run_id from jobforge_start_run(p_capacity => 50)`;
      if (this.#run) await this.sql`select jobforge_finish_run(${this.#run}, 'drained')`;
      [this.#run, this.#held] = [started!.run_id, []];
    } else if (dice < 0.05) {
      await this.sql`select jobforge_dispatch()`;
    } else if (dice < 0.1) {
      await this.sql`select jobforge_release_jobs(${this.#run})`;
      this.#held = [];
    } else {
      const reported = this.#held.slice(0, 5);
      const reply = await settleAndClaim(this.sql, this.#run, reported.map(randomOutcome), 7)
        .catch((error) => {
          // Whether the call counted is not known. The run ends, and the dispatcher cleans up.
          this.#held = [];
          throw error;
        });
      this.#held = [...this.#held.slice(5), ...reply.jobs];
    }
  }

  async use(): Promise<void> {
    const tenant = this.tenants[Math.floor(Math.random() * this.tenants.length)]!;
    const [job] = await this.sql`select id from jobforge_jobs where tenant_id = ${tenant}
      order by random() limit 1`;
    const dice = Math.random();
    if (dice < 0.3) {
      await this.sql`select from jobforge_enqueue_job(${tenant}, 'test')`;
    } else if (dice < 0.5) {
      const jobs = Array.from({ length: 5 }, () => ({
        type: "test",
        ...(Math.random() < 0.3 ? { run_at: new Date(Date.now() + 500) } : {}),
        ...(Math.random() < 0.2 ? { idempotency_key: `k${Math.floor(Math.random() * 5)}` } : {}),
      }));
      await this.sql`select from jobforge_enqueue_jobs(${tenant}, ${this.sql.json(jobs)})`;
    } else if (dice < 0.6) {
      await this.sql`select jobforge_cancel_jobs(${tenant}, p_limit => 3, p_dry_run => false)`;
    } else if (dice < 0.65) {
      await this.sql`select jobforge_retry_jobs(${tenant}, p_limit => 3, p_dry_run => false)`;
    } else if (job && dice < 0.8) {
      await this.sql`select jobforge_cancel_job(${job.id}, ${tenant})`;
    } else if (job && dice < 0.9) {
      await this.sql`select jobforge_retry_job(${job.id}, ${tenant})`;
    } else if (job) {
      await this.sql`select jobforge_reschedule_job(${job.id}, now(), ${tenant})`;
    }
  }
}

function randomOutcome({ id, lease_token }: ClaimedJob): Outcome {
  const dice = Math.random();
  return {
    ...{ id, lease_token, retry_after_ms: 100 },
    outcome: dice < 0.7
      ? "succeeded"
      : dice < 0.85
      ? "errored"
      : dice < 0.95
      ? "released"
      : "failed",
  };
}

/** Ends the runs and works everything off. A job that never comes is stuck. */
async function drain(sql: Sql): Promise<void> {
  for (const { id } of await sql`select id from jobforge.runs where state = 'live'`) {
    await sql`select jobforge_finish_run(${id}, 'drained')`;
  }
  const [started] = await sql`select run_id from jobforge_start_run(p_capacity => 1000)`;
  const limit = performance.now() + 20_000;
  for (;;) {
    const { jobs } = await settleAndClaim(sql, started!.run_id, [], 100);
    await settleAndClaim(
      sql,
      started!.run_id,
      jobs.map(({ id, lease_token }) => ({ id, lease_token, outcome: "succeeded" })),
      0,
    );
    const [left] = await sql`select count(*)::int as jobs from jobforge.jobs where status is null`;
    if (left!.jobs === 0) return;
    assert.ok(performance.now() < limit, `${left!.jobs} jobs are stuck`);
    if (jobs.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
