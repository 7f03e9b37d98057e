begin;
select plan(3);

select tests.freeze();
select tests.hold_job('job', '{"max_attempts": 9}');
select tests.settle('job', 'failed', '{"error": {"code": "no_such_user", "message": "gone"}}');
select is(tests.status('job'), 'failed', 'it has failed, with attempts left');
select is((tests.job('job')).last_error ->> 'code', 'no_such_user', 'for the reason it gave');
select is(tests.attempts('job'), '1 failed', 'the attempt is recorded');

select * from finish();
rollback;
