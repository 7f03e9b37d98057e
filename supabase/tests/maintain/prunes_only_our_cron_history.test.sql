begin;
select plan(3);

select tests.freeze();
select tests.setup();
select cron.schedule('of-the-application', '* * * * *', 'select 1');
insert into cron.job_run_details (runid, jobid, end_time)
select -row_number() over (), jobid, jobforge.clock() - age
from cron.job, unnest('{1 hour,23 hours,25 hours,30 days}'::interval[]) as age
where jobname in ('jobforge-dispatch', 'of-the-application');
insert into cron.job_run_details (runid, jobid, end_time)
values (-1000, -1, jobforge.clock() - interval '1 year');
select tests.maintain();

select is(
  (select count(*) from cron.job_run_details join cron.job using (jobid)
    where jobname = 'jobforge-dispatch'),
  2::bigint, 'a day of our own is kept');
select is(
  (select count(*) from cron.job_run_details join cron.job using (jobid)
    where jobname = 'of-the-application'),
  4::bigint, 'all of others');
select is(
  (select count(*) from cron.job_run_details where jobid = -1), 1::bigint,
  'also of jobs that exist no more');

select * from finish();
rollback;
