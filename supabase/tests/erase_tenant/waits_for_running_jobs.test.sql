begin;
select plan(5);

select tests.freeze();
select tests.hold_job();
select is(tests.erase('acme') ->> 'state', 'waiting', 'one is running');
select is(
  (jobforge_heartbeat(tests.run_id()) ->> 'abort')::jsonb, jsonb_build_array(tests.id('job')),
  'its worker must stop it');
select tests.settle('job', 'errored');
select is((tests.run()).held, 0, 'the run''s books are right');
select is(tests.erase('acme') ->> 'state', 'finished', 'then all can go');
select is_empty($$ select from jobforge_job_attempts where tenant_id = tests.tenant('acme') $$,
  'also what its end left behind');

select * from finish();
rollback;
