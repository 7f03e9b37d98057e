begin;
select plan(5);

select tests.freeze();
select tests.hold_job('job', '{"max_attempts": 2}');
select tests.settle('job', 'errored', '{"retry_after_ms": 0}');
select is(tests.status('job'), 'queued', 'the first error leaves an attempt');
select tests.claim();
select tests.settle('job', 'timed_out', '{"error": {"code": "timeout", "message": "60 s"}}');
select is(tests.status('job'), 'dead', 'the second does not');
select is((tests.job('job')).finished_at, jobforge.clock(), 'the job has ended');
select is(tests.attempts('job'), '1 errored, 2 timed_out', 'both attempts are recorded');
select tests.advance('1 year');
select is_empty('select tests.claim()', 'it never starts again');

select * from finish();
rollback;
