begin;
select plan(4);

select tests.freeze();
select tests.start_run();
select tests.schedule('often', '{"expression": "30 seconds"}');
select tests.advance('30 seconds');
select tests.run_cron();
select jobforge_claim_jobs(tests.run_id(), 1);
select tests.advance('30 seconds');
select tests.run_cron();
select is(tests.job_count(), 1, 'skipped');
select is((tests.scheduled('often')).skipped, 1::bigint, 'and counted');
select tests.settle_all('succeeded');
select tests.advance('30 seconds');
select tests.run_cron();
select is(tests.job_count(), 2, 'started when the last has ended');
select is((tests.scheduled('often')).started, 2::bigint, 'and counted');

select * from finish();
rollback;
