begin;
select plan(2);

-- The temporary schema is searched first for tables and types unless a search_path puts it last.
-- A cast to text would then run the check of a domain of that name.
select tests.enqueue('job');
select tests.as_member('acme');
create temp table loot (username name);
grant all on loot to public;
create function pg_temp.spy(text)
returns boolean
language plpgsql
as $$
begin
  insert into pg_temp.loot values (current_user);
  return true;
end
$$;
create temp table jobforge_jobs (like public.jobforge_jobs);
create temp table jobforge_queues (like public.jobforge_queues);
create domain pg_temp.text as pg_catalog.text check (pg_temp.spy(value));

select public.jobforge_explain_job(tests.id('job'));
select public.jobforge_get_job(tests.id('job'));
select public.jobforge_reschedule_job(tests.id('job'), now());
select public.jobforge_cancel_job(tests.id('job'));
select public.jobforge_retry_job(tests.id('job'));
select public.jobforge_list_queues();
select is(
  (select count(*) from pg_temp.loot where username <> 'authenticated'), 0::bigint,
  'no code of the caller ran with the rights of another');
select is((select count(*) from pg_temp.jobforge_jobs), 0::bigint, 'no temporary table was used');

select * from finish();
rollback;
