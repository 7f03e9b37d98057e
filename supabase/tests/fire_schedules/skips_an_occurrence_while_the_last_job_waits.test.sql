begin;
select plan(2);

select tests.freeze();
select tests.schedule('often', '{"expression": "30 seconds"}');
select tests.advance('30 seconds');
select tests.run_cron();
select tests.advance('30 seconds');
select tests.run_cron();
select is(tests.job_count(), 1, 'no run has claimed the first one yet');
select is((tests.scheduled('often')).skipped, 1::bigint, 'it is counted');

select * from finish();
rollback;
