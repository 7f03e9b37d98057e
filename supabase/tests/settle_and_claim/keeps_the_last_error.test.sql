begin;
select plan(2);

select tests.freeze();
select tests.hold_job('job', '{"max_attempts": 5}');
select tests.settle('job', 'errored', '{"error": {"code": "smtp", "message": "no answer"}}');
select tests.advance('1 hour');
select tests.start_run('next');
select tests.claim(1, 'next');
select tests.settle('job', 'errored');
select is((tests.job('job')).attempts, 2, 'a second attempt ended without a word');
select is((tests.job('job')).last_error ->> 'code', 'smtp', 'so the error before it is the last');

select * from finish();
rollback;
