begin;
select plan(2);

-- The temporary schema is searched first for tables and types unless a search_path puts it last.
select tests.as_member('acme');
create temp table loot (username name);
grant all on loot to public;
create function pg_temp.spy(text) returns boolean language plpgsql
as $$ begin insert into pg_temp.loot values (current_user); return true; end $$;
create temp table jobforge_jobs (like public.jobforge_jobs);
create temp table jobforge_queues (like public.jobforge_queues);
create domain pg_temp.text as pg_catalog.text check (pg_temp.spy(value));
create domain pg_temp.uuid as pg_catalog.uuid check (pg_temp.spy(value::pg_catalog.text));
create domain pg_temp.jsonb as pg_catalog.jsonb check (pg_temp.spy(value::pg_catalog.text));
create domain pg_temp.timestamptz as pg_catalog.timestamptz
  check (pg_temp.spy(value::pg_catalog.text));

select public.jobforge_enqueue_job(p_type => 'test.job', p_idempotency_key => 'key');
select public.jobforge_enqueue_jobs(p_jobs => '[{"type": "test.job", "priority": 1}]');
select public.jobforge_cancel_job((select id from public.jobforge_jobs order by id limit 1));
select public.jobforge_retry_job((select id from public.jobforge_jobs order by id limit 1));
select public.jobforge_reschedule_job(
  (select id from public.jobforge_jobs order by id limit 1), now());
select public.jobforge_explain_job((select id from public.jobforge_jobs order by id limit 1));
select tests.commit();

select is(
  (select count(*) from public.jobforge_jobs), 2::bigint, 'the jobs are where they belong');
select is(
  (select count(*) from pg_temp.loot where username not in ('authenticated')), 0::bigint,
  'no code of the caller ran with the rights of another');

select * from finish();
rollback;
