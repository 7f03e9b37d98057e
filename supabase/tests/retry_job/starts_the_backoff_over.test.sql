begin;
select plan(1);

select tests.freeze();
select jobforge_start_run(
  p_types => '[{"type": "test.job", "backoff_base_ms": 1000, "backoff_cap_ms": 3600000}]');
select tests.start_run();
select tests.enqueue('job', '{"max_attempts": 9}');
select tests.set_attempts('job', 7);
select tests.claim();
select tests.settle('job', 'failed');
select jobforge_retry_job(tests.id('job'), tests.tenant('acme'));
select tests.claim();
select tests.settle('job', 'errored');
select cmp_ok(
  (tests.job('job')).run_at - jobforge.clock(), '<=', interval '1 second',
  'attempt 9 waits like a first one');

select * from finish();
rollback;
