begin;
select plan(1);

select tests.freeze();
select tests.hold_job();
select tests.settle('job', 'errored', '{"retry_after_ms": 90000}');
select is((tests.job('job')).run_at, jobforge.clock() + interval '90 s', 'exactly so long');

select * from finish();
rollback;
