begin;
select plan(5);

select tests.freeze();
select tests.hold_job();
select tests.advance('3 seconds');

select is(tests.settle('job', 'succeeded') ->> 'settled', '1', 'the outcome counts');
select is(tests.status('job'), 'succeeded', 'the job has succeeded');
select is((tests.job('job')).finished_at, jobforge.clock(), 'just now');
select is((tests.job('job')).lease_token, null, 'its lease has ended');
select results_eq(
  $$ select attempt_no, finished_at - started_at, outcome, error
    from jobforge_job_attempts where job_id = tests.id('job') $$,
  $$ values (1, interval '3 seconds', 'succeeded', null::jsonb) $$,
  'the attempt is recorded');

select * from finish();
rollback;
