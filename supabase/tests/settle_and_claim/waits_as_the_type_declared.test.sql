begin;
select plan(2);

select tests.freeze();
select jobforge_start_run(
  p_types => '[{"type": "test.job", "backoff_base_ms": 600000, "backoff_cap_ms": 1200000}]');
select tests.hold_job();
select tests.settle('job', 'errored');
select ok(
  (tests.job('job')).run_at - jobforge.clock() between interval '5 min' and interval '10 min',
  'ten minutes, or down to half of it by chance');
select tests.advance('10 minutes');
select tests.claim();
select tests.settle('job', 'errored');
select tests.advance('20 minutes');
select tests.claim();
select tests.settle('job', 'errored');
select ok(
  (tests.job('job')).run_at - jobforge.clock() between interval '10 min' and interval '20 min',
  'never more than the cap');

select * from finish();
rollback;
