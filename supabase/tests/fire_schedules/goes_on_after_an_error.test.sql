begin;
select plan(3);

select tests.freeze();
select tests.enqueue('job');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 1}');
select tests.schedule('often', '{"expression": "30 seconds"}');
select tests.schedule('other', '{"expression": "30 seconds"}', 'globex');
select tests.advance('30 seconds');
select tests.run_cron();
select is(tests.job_count('globex'), 1, 'another schedule is not touched');
select is((tests.scheduled('often')).last_error ->> 'code', 'queue_full', 'the error is shown');
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select tests.advance('30 seconds');
select tests.run_cron();
select is((tests.scheduled('often')).started, 1::bigint, 'the next occurrence works');

select * from finish();
rollback;
