begin;
select plan(3);

create function pg_temp.finding(p_name text, p_url text default null)
returns text
language sql
as $$
  select format('%s: %s', f ->> 'ok', f ->> 'found')
  from json_array_elements(jobforge_doctor(p_url) -> 'findings') as f
  where f ->> 'name' = p_name
$$;

select from jobforge_setup('https://acme.supabase.co');
select is(pg_temp.finding('schedule'), 'true: tick and pruning are scheduled', 'after setup');
select from cron.unschedule('jobforge-maintain');
select is(pg_temp.finding('schedule'), 'false: not scheduled: jobforge-maintain', 'without one');
select from (
  select cron.alter_job(j.jobid, active => false) from cron.job as j
  where j.jobname = 'jobforge-dispatch') as switched_off;
select is(pg_temp.finding('schedule'), 'false: not scheduled: jobforge-dispatch, jobforge-maintain',
  'nor is one that is switched off');

select * from finish();
rollback;
