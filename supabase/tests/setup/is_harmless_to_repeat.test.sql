begin;
select plan(3);

select tests.setup();
create temp table before as select jobname, schedule, command from cron.job;
select lives_ok('select tests.setup()', 'again');
select bag_eq('select jobname, schedule, command from cron.job', 'select * from before',
  'the cron jobs are the same');
select is(
  (select project_url from jobforge.settings), 'http://127.0.0.1:9', 'so is the address');

select * from finish();
rollback;
