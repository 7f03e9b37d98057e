import assert from "node:assert/strict";
import { type TestDatabase, withDatabase } from "../test/test_database.ts";
import { eventually, NO_MIGRATIONS } from "../test/test_project.ts";
import { startCronRunner } from "./cron_runner.ts";

function withCron(use: (database: TestDatabase) => Promise<void>): Promise<void> {
  return withDatabase(async (database) => {
    const runner = startCronRunner(database.adminUrl);
    try {
      await use(database);
    } finally {
      await runner.stop();
    }
  }, { sources: NO_MIGRATIONS });
}

function finishedRuns({ sql }: TestDatabase, count: number) {
  return eventually(`${count} finished runs`, async () => {
    const rows = await sql`
      select * from cron.job_run_details where end_time is not null order by runid
    `;
    return rows.length >= count ? rows : undefined;
  });
}

Deno.test("a job every second runs as its scheduling role and records its runs", () =>
  withCron(async (database) => {
    const { sql } = database;
    await sql`create table public.run (role text, at timestamptz default clock_timestamp())`;
    await sql`
      select cron.schedule('every second', '1 second', 'insert into public.run (role) values (current_user)')
    `;
    const [first, second] = await finishedRuns(database, 2);
    assert.equal(first?.status, "succeeded");
    assert.equal(first?.return_message, "INSERT 0 1");
    assert.equal(first?.username, "postgres");
    assert.ok(first?.start_time <= first?.end_time);
    assert.ok(second?.start_time - first?.start_time >= 900);
    assert.equal((await sql`select role from public.run`)[0]?.role, "postgres");
  }));

Deno.test("a slow job never overlaps itself and starts again at once", () =>
  withCron(async (database) => {
    await database.sql`select cron.schedule('slow', '1 second', 'select pg_sleep(1.6)')`;
    const [first, second] = await finishedRuns(database, 2);
    assert.equal(first?.return_message, "1 row");
    assert.ok(second?.start_time >= first?.end_time, "the second run waits for the first");
    assert.ok(second?.start_time - first?.end_time < 900, "the missed run is not lost");
  }));

Deno.test("a failing job records its error", () =>
  withCron(async (database) => {
    await database.sql`select cron.schedule('broken', '1 second', 'select 1 / 0')`;
    const [run] = await finishedRuns(database, 1);
    assert.equal(run?.status, "failed");
    assert.match(run?.return_message, /division by zero/);
  }));

Deno.test("a procedure that commits keeps what it did before it failed", () =>
  withCron(async (database) => {
    const { sql } = database;
    await sql`create table public.step (name text)`;
    await sql.unsafe(`create procedure public.two_steps() language plpgsql as $$
      begin
        insert into public.step values ('first');
        commit;
        insert into public.step values ('second');
        raise exception 'broken';
      end $$`);
    await sql`select cron.schedule('steps', '1 second', 'call public.two_steps()')`;
    const [run] = await finishedRuns(database, 1);
    assert.equal(run?.status, "failed");
    assert.match(run?.return_message, /broken/);
    const steps = await sql`select distinct name from public.step`;
    assert.deepEqual(steps.map(({ name }) => name), ["first"]);
  }));

Deno.test("an unscheduled or inactive job does not run", () =>
  withCron(async (database) => {
    const { sql } = database;
    await sql`select cron.schedule('off', '1 second', 'select 1')`;
    await sql`select cron.alter_job(jobid, active := false) from cron.job where jobname = 'off'`;
    await sql`select cron.schedule('gone', '1 second', 'select 2')`;
    await sql`select cron.unschedule('gone')`;
    await sql`select cron.schedule('on', '1 second', 'select 3')`;
    const runs = await finishedRuns(database, 1);
    assert.deepEqual([...new Set(runs.map(({ command }) => command))], ["select 3"]);
  }));

Deno.test("a job that runs long is canceled when the stack stops", () =>
  withDatabase(async (database) => {
    const runner = startCronRunner(database.adminUrl);
    await database.sql`select cron.schedule('long', '1 second', 'select pg_sleep(600)')`;
    await eventually("a running job", async () => {
      return (await database.sql`select from cron.job_run_details`)[0];
    });
    await runner.stop();
    const [run] = await database.sql`select status, return_message from cron.job_run_details`;
    assert.equal(run?.status, "failed");
    assert.match(run?.return_message, /canceling statement/);
  }, { sources: NO_MIGRATIONS }));

const withPlainDatabase = (use: (database: TestDatabase) => Promise<void>) =>
  withDatabase(use, { sources: NO_MIGRATIONS });

Deno.test("scheduling a name again changes the job and keeps its id", () =>
  withPlainDatabase(async ({ sql }) => {
    const [first] = await sql`select cron.schedule('job', '* * * * *', 'select 1') as id`;
    const [second] = await sql`select cron.schedule('job', '30 seconds', 'select 2') as id`;
    assert.equal(first?.id, second?.id);
    const jobs = await sql`select schedule, command, username, active from cron.job`;
    assert.deepEqual([...jobs], [
      { schedule: "30 seconds", command: "select 2", username: "postgres", active: true },
    ]);
  }));

Deno.test("unscheduling an unknown job raises", () =>
  withPlainDatabase(async ({ sql }) => {
    await assert.rejects(sql`select cron.unschedule('nope')`, /could not find valid entry for job/);
    await assert.rejects(sql`select cron.unschedule(7)`, /could not find valid entry for job/);
  }));

for (const schedule of ["60 seconds", "every day", "* * * *", "0 seconds"]) {
  Deno.test(`the schedule "${schedule}" is refused`, () =>
    withPlainDatabase(async ({ sql }) => {
      await assert.rejects(
        sql`select cron.schedule('job', ${schedule}, 'select 1')`,
        /invalid schedule/,
      );
    }));
}

Deno.test("the owner of the project reads jobs but cannot write the table", () =>
  withPlainDatabase(async ({ sql }) => {
    await sql`select cron.schedule('job', '0 3 * * *', 'select 1')`;
    await assert.rejects(sql`update cron.job set command = 'x' where true`, /permission denied/);
    await assert.rejects(sql`delete from cron.job where true`, /permission denied/);
  }));
