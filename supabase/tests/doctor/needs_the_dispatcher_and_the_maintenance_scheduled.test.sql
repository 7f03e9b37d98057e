begin;
select plan(3);

select from jobforge_setup('https://acme.supabase.co');
select is(
  tests.finding('cron_jobs'), 'true: dispatcher and maintenance are scheduled', 'after setup');
select from cron.unschedule('jobforge-maintain');
select is(tests.finding('cron_jobs'), 'false: not scheduled: jobforge-maintain', 'without one');
select from (
  select cron.alter_job(j.jobid, active => false) from cron.job as j
  where j.jobname = 'jobforge-dispatch') as switched_off;
select is(tests.finding('cron_jobs'), 'false: not scheduled: jobforge-dispatch, jobforge-maintain',
  'nor is one that is switched off');

select * from finish();
rollback;
