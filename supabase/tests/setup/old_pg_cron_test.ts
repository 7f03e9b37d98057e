import assert from "node:assert/strict";
import { connect } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";

Deno.test("with a pg_cron that has no seconds, setup schedules every minute and says so", () =>
  withDatabase(async ({ adminUrl, sql }) => {
    const admin = connect(adminUrl);
    await admin.unsafe(`
      alter function jobforge_local.cron_check_schedule(text) rename to cron_check_new_schedule;
      create function jobforge_local.cron_check_schedule(p_schedule text) returns void
      language plpgsql set search_path = '' as $$
      begin
        if p_schedule like '%seconds' then
          raise exception 'invalid schedule: %', p_schedule;
        end if;
        perform jobforge_local.cron_check_new_schedule(p_schedule);
      end $$;`);
    await admin.end();
    const settings = await sql`select * from jobforge_setup('https://abc.supabase.co')`;
    assert.equal(settings.find((row) => row.setting === "jobforge-dispatch")?.value, "* * * * *");
    assert.ok(settings.every(({ value }) => !value.includes("seconds")));
    const [again] = await sql`select count(*) from jobforge_setup('https://abc.supabase.co')
      where setting = 'jobforge-dispatch' and value = '* * * * *'`;
    assert.equal(again?.count, "1", "it is harmless to repeat");
  }));

Deno.test("setup reports a pg_cron that rejects every schedule", () =>
  withDatabase(async ({ adminUrl, sql }) => {
    const admin = connect(adminUrl);
    await admin.unsafe(`
      create or replace function jobforge_local.cron_check_schedule(p_schedule text) returns void
      language plpgsql set search_path = '' as $$ begin raise exception 'no schedule'; end $$;`);
    await admin.end();
    await assert.rejects(
      sql`select * from jobforge_setup('https://abc.supabase.co')`.execute(),
      /no schedule/,
    );
  }));
