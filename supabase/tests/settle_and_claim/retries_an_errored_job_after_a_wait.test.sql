begin;
select plan(8);

select tests.freeze();
select tests.hold_job();
select tests.settle('job', 'errored', '{"error": {"code": "smtp", "message": "no answer"}}');

select is(tests.status('job'), 'scheduled', 'it waits for its next attempt');
select is((tests.job('job')).scheduled, true, 'for later');
select cmp_ok((tests.job('job')).run_at, '>', jobforge.clock(), 'in the future');
select is((tests.job('job')).attempts, 1, 'one attempt is spent');
select is(
  (tests.job('job')).last_error, '{"code": "smtp", "message": "no answer"}'::jsonb,
  'the error is on the job');
select is(
  (select error from jobforge_job_attempts where job_id = tests.id('job')),
  '{"code": "smtp", "message": "no answer"}'::jsonb, 'and on the attempt');
select is_empty('select tests.claim()', 'it does not start at once');
select tests.advance('1 hour');
select results_eq('select tests.claim()', array['job'], 'but later');

select * from finish();
rollback;
