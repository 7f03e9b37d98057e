begin;
select plan(4);

create function pg_temp.finding(p_name text, p_url text default null)
returns text
language sql
as $$
  select format('%s: %s', f ->> 'ok', f ->> 'found')
  from json_array_elements(jobforge_doctor(p_url) -> 'findings') as f
  where f ->> 'name' = p_name
$$;

select from jobforge_setup('https://acme.supabase.co');
select tests.freeze();
select is(pg_temp.finding('tick'), 'false: it never ran', 'before the first');

insert into cron.job_run_details (runid, jobid, status, start_time, end_time)
select -2, j.jobid, 'succeeded', jobforge.clock(), jobforge.clock() from cron.job as j
where j.jobname = 'jobforge-dispatch';
select tests.advance('5 seconds');
select is(pg_temp.finding('tick'), 'true: it succeeded 5 seconds ago', 'after one that succeeded');
select tests.advance('1 minute');
select is(pg_temp.finding('tick'), 'false: it succeeded 65 seconds ago', 'not when it stopped');

insert into cron.job_run_details (runid, jobid, status, start_time, end_time)
select -9, j.jobid, 'failed', jobforge.clock(), jobforge.clock() from cron.job as j
where j.jobname = 'jobforge-dispatch';
select is(pg_temp.finding('tick'), 'false: it failed 0 seconds ago', 'nor when it failed');

select * from finish();
rollback;
