begin;
select plan(1);

select tests.freeze();
select tests.hold_job();
select tests.settle('job', 'errored', '{"retry_after_ms": 9223372036854775807}');
select is((tests.job('job')).run_at, jobforge.clock() + interval '1 day', 'a day at most');

select * from finish();
rollback;
