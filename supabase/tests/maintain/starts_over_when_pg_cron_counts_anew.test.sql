begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
select tests.setup();
delete from cron.job_run_details;
insert into cron.job_run_details (runid, jobid, start_time)
select n, j.jobid, jobforge.clock() - interval '2 days'
from generate_series(1000, 1003) as n, cron.job as j where j.jobname = 'jobforge-dispatch';
select is(jobforge.prune_cron_history(jobforge.clock(), 10), 4, 'four rows');
insert into cron.job_run_details (runid, jobid, start_time)
select n, j.jobid, jobforge.clock() - interval '2 days'
from generate_series(1, 3) as n, cron.job as j where j.jobname = 'jobforge-dispatch';
select is(jobforge.prune_cron_history(jobforge.clock(), 10), 3,
  'the extension was created anew, and its ids begin at 1');

select * from finish();
rollback;
