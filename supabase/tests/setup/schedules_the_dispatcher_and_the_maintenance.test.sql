begin;
select plan(1);

select tests.setup();
select results_eq(
  $$ select jobname, schedule, command from cron.job where jobname like 'jobforge-%' order by 1 $$,
  $$ values ('jobforge-dispatch', '10 seconds', 'select jobforge.dispatch()'),
    ('jobforge-maintain', '10 seconds', 'call jobforge.maintain()') $$,
  'no key, no address, no literal is in a command');

select * from finish();
rollback;
