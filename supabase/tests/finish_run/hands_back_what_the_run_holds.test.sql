begin;
select plan(3);

select tests.freeze();
select tests.hold_job();
select tests.advance('5 seconds');
select jobforge_finish_run(tests.run_id(), 'wall_clock', 1234);
select is(tests.status('job'), 'queued', 'the job is queued again');
select is((tests.job('job')).attempts, 0, 'with no attempt spent');
select results_eq(
  'select state::text, held, end_reason, cpu_ms, ended_at, lease_expires_at from tests.run()',
  $$ values ('finished', 0, 'wall_clock', 1234, jobforge.clock(), null::timestamptz) $$,
  'the run has ended and says why');

select * from finish();
rollback;
