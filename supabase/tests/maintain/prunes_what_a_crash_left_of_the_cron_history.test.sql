begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
select tests.setup();
delete from cron.job_run_details;
insert into cron.job_run_details (runid, jobid, status, start_time, end_time)
select n, j.jobid, case when n % 2 = 0 then 'running' else 'succeeded' end,
  case when n <> 4 then jobforge.clock() - interval '2 days' + n * interval '1 hour' end,
  case when n % 2 = 1 then jobforge.clock() - interval '2 days' + n * interval '1 hour' end
from generate_series(1, 48) as n, cron.job as j where j.jobname = 'jobforge-dispatch';
select cron.schedule('of-the-application', '* * * * *', 'select 1');
insert into cron.job_run_details (runid, jobid, start_time)
select -n, j.jobid, jobforge.clock() - interval '9 days'
from generate_series(1, 20) as n, cron.job as j where j.jobname = 'of-the-application';
select is(jobforge.prune_cron_history(jobforge.clock(), 30), 30, 'a turn reads what it may');
select results_eq(
  'select min(runid), max(runid), count(*) from cron.job_run_details where runid > 0',
  $$ values (11::bigint, 48::bigint, 38::bigint) $$, 'and deletes it, with an end or without');
select is(jobforge.prune_cron_history(jobforge.clock(), 100), 13, 'the next goes on');
select results_eq(
  'select min(runid), count(*) from cron.job_run_details where runid > 0',
  $$ values (24::bigint, 25::bigint) $$,
  'a day of it stays');
select is(jobforge.prune_cron_history(jobforge.clock(), 100), 0, 'and is not read again');
select is((select count(*) from cron.job_run_details where runid < 0), 20::bigint,
  'nor is what others keep, which stays');

select * from finish();
rollback;
