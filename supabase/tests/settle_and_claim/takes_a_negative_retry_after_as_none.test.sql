begin;
select plan(2);

select tests.freeze();
select tests.hold_job();
select tests.settle('job', 'errored', '{"retry_after_ms": -1}');
select is((tests.job('job')).run_at, jobforge.clock(), 'now is the earliest');
select results_eq('select tests.claim()', array['job'], 'it can start at once');

select * from finish();
rollback;
