begin;
select plan(1);

select tests.freeze();
select tests.schedule('often', '{"expression": "30 seconds", "overlap": "allow"}');
select tests.advance('30 seconds');
select tests.run_cron();
select tests.advance('30 seconds');
select tests.run_cron();
select is(tests.job_count(), 2, 'side by side');

select * from finish();
rollback;
