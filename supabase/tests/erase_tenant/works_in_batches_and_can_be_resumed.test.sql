begin;
select plan(4);

select tests.furnish('acme', 'globex');

create temp table answers as select jobforge_erase_tenant(tests.tenant('acme'), 1) as answer;
select is((select answer ->> 'state' from answers), 'erasing', 'one row, and it goes on later');
select cmp_ok(tests.job_count(), '>', 0, 'most is still there');
select tests.run_cron();
select is(tests.job_count(), 0, 'the dispatcher goes on by itself');
select is(
  jobforge_erase_tenant(tests.tenant('acme')) ->> 'state', 'finished', 'and a call finds it done');

select * from finish();
rollback;
