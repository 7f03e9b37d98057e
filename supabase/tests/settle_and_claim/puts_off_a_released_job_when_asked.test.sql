begin;
select plan(6);

select tests.freeze();
select tests.hold_job();
select is(
  tests.settle('job', 'released', '{"retry_after_ms": 30000}') ->> 'settled', '1',
  'handing back counts');
select is((tests.job('job')).scheduled, true, 'the job waits');
select is((tests.job('job')).run_at, jobforge.clock() + interval '30 seconds', 'as long as asked');
select is((tests.job('job')).attempts, 0, 'no attempt is spent');
select is_empty('select tests.claim()', 'until then it is not started');
select tests.advance('30 seconds');
select results_eq('select tests.claim()', array['job'], 'then it is');

select * from finish();
rollback;
