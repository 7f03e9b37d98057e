begin;
select plan(2);

select tests.as_member('acme');
select tests.denies(
  $$ select cron.schedule('mine', '* * * * *', 'select 1') $$, 'no cron jobs');
select tests.denies($$ select * from cron.job_run_details $$, 'no cron history');

select * from finish();
rollback;
