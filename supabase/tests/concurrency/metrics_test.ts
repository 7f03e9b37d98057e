import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { type ClaimedJob, enqueue, type Outcome, settleAndClaim, startRun } from "./actors.ts";

const OUTCOMES = ["succeeded", "succeeded", "errored", "failed", "released"] as const;

/** Works until nothing is left. Some outcomes are reported twice. */
async function work(sql: Sql): Promise<void> {
  const runId = await startRun(sql);
  let outcomes: Outcome[] = [];
  for (;;) {
    const { jobs } = await settleAndClaim(sql, runId, outcomes, 1 + Math.floor(Math.random() * 9));
    if (jobs.length === 0 && outcomes.length === 0) return;
    if (Math.random() < 0.2) await settleAndClaim(sql, runId, outcomes, 0);
    outcomes = jobs.map(({ attempt, id, lease_token }: ClaimedJob) => {
      const outcome = OUTCOMES[Math.floor(Math.random() * OUTCOMES.length)]!;
      return { id, lease_token, outcome: attempt > 2 ? "succeeded" : outcome, retry_after_ms: 0 };
    });
  }
}

/** Rolls up again and again. Every third time is rolled back. */
async function rollUp(sql: Sql, over: () => boolean): Promise<void> {
  for (let i = 0; !over(); i++) {
    await sql`begin`;
    await sql`select jobforge.roll_up(clock_timestamp())`;
    await (i % 3 === 0 ? sql`rollback` : sql`commit`);
  }
}

Deno.test("attempts are counted once by several roll-ups that are cut off", async () => {
  await withDatabase(async ({ sql, open }) => {
    for (let i = 0; i < 5; i++) await enqueue(sql, crypto.randomUUID(), 200);
    const workers = await open(4);
    const rollers = await open(3);
    let over = false;
    const rollUps = rollers.map((each) => rollUp(each, () => over));
    await Promise.all(workers.map(work));
    over = true;
    await Promise.all(rollUps);
    await sql`select jobforge.roll_up(clock_timestamp())`;
    const [counted] = await sql`
      select sum(succeeded)::int as succeeded, sum(failed)::int as failed,
        sum(retried)::int as retried,
        (select sum(n) from jobforge.type_totals, unnest(duration) as n)::int as durations,
        (select sum(n) from jobforge.type_totals, unnest(latency) as n)::int as latencies
      from jobforge.type_totals`;
    const [rows] = await sql`
      select count(*) filter (where outcome = 'succeeded')::int as succeeded,
        count(*) filter (where outcome = 'failed')::int as failed,
        count(*) filter (where outcome = 'errored')::int as retried,
        count(*)::int as durations, count(*)::int as latencies from jobforge_job_attempts`;
    assert.deepEqual(counted, rows);
    const [minutes] = await sql`
      select sum(started) filter (where queue_id = 0)::int as all,
        sum(started) filter (where queue_id > 0)::int as queues from jobforge.metrics_by_minute`;
    assert.deepEqual(minutes, { all: rows!.durations, queues: rows!.durations });
  });
});

Deno.test("metrics and alerts that do not end hold up neither claims nor a dispatch", async () => {
  await withDatabase(async ({ sql, open }) => {
    const [stuck, other] = await open(2);
    await enqueue(sql, crypto.randomUUID(), 20);
    const runId = await startRun(sql);
    const first = await settleAndClaim(sql, runId, [], 10);
    const done = (jobs: ClaimedJob[]): Outcome[] =>
      jobs.map(({ id, lease_token }) => ({ id, lease_token, outcome: "succeeded" }));
    const second = await settleAndClaim(sql, runId, done(first.jobs), 10);
    await stuck!`begin`;
    await stuck!`select jobforge.roll_up(clock_timestamp())`;
    await stuck!`select jobforge.evaluate_alerts(clock_timestamp())`;
    for (const each of [sql, other!]) await each`set lock_timeout = '2s'`;
    await settleAndClaim(sql, runId, done(second.jobs), 10);
    await enqueue(sql, crypto.randomUUID());
    await other!`select jobforge_dispatch()`;
    await stuck!`commit`;
    await other!`select jobforge.roll_up(clock_timestamp())`;
    const [row] = await sql`
      select sum(n)::int as attempts from jobforge.type_totals, unnest(duration) as n`;
    assert.equal(row!.attempts, 20);
  });
});

Deno.test("what piled up while no dispatcher ran is rolled up, some of it at a time", async () => {
  await withDatabase(async ({ sql }) => {
    await sql`
      insert into jobforge.outcome_batches
      select clock_timestamp(), '{1,1}', '{a,b}', '{s,f}', '{1,2}', '{3,4}'
      from generate_series(1, 30000)`;
    const [first] = await sql`select jobforge.roll_up(clock_timestamp()) as rolled_up`;
    assert.ok(first!.rolled_up > 0 && first!.rolled_up <= 20_000, `${first!.rolled_up} at once`);
    for (let left = 1; left > 0;) {
      const [row] = await sql`select jobforge.roll_up(clock_timestamp()) as rolled_up`;
      left = row!.rolled_up;
    }
    const [row] = await sql`
      select (select count(*)::int from jobforge.outcome_batches) as left,
        (select sum(n) from unnest(duration) as n)::int as attempts
      from jobforge.type_totals`;
    assert.deepEqual(row, { left: 0, attempts: 60_000 });
  });
});

Deno.test("late commits before the page that a roll-up has reached are found", async () => {
  await withDatabase(async ({ sql, open }) => {
    const [late] = await open(1);
    // Rows of nearly a page each.
    await sql`alter table jobforge.outcome_batches alter types set storage plain`;
    const insert = (each: Sql, rows: number) =>
      each`
        insert into jobforge.outcome_batches
        select clock_timestamp(), '{1}', array[repeat('a', 7000)], '{s}', '{1}', '{1}'
        from generate_series(1, ${rows})`;
    await late!`begin`;
    await insert(late!, 1);
    await insert(sql, 5_000);
    const now = new Date();
    for (let left = 1; left > 0;) {
      const [row] = await sql`select jobforge.roll_up(${now}) as rolled_up`;
      left = row!.rolled_up;
    }
    const [progress] = await sql`select page from jobforge.roll_up_progress`;
    await late!`commit`;
    const [at] = await sql`select pg_relation_size('jobforge.outcome_batches') / 8192 as pages`;
    assert.ok(Number(at!.pages) > 4096 && Number(progress!.page) > 0, "the table is large");
    await sql`select jobforge.roll_up(${new Date(now.getTime() + 61_000)})`;
    const [row] = await sql`select count(*)::int as left from jobforge.outcome_batches`;
    assert.equal(row!.left, 0);
  });
});
