begin;
select plan(4);

select tests.freeze();
select tests.start_run();
select tests.enqueue('job', '{"payload": {"n": 1}, "timeout_ms": 500, "max_attempts": 2,
  "traceparent": "00-ab-cd-01"}');
create temp table claimed as
  select job from json_array_elements(jobforge_claim_jobs(tests.run_id(), 1)) as job;

select is(
  (select job::jsonb from claimed),
  (select jsonb_build_object('id', j.id, 'tenant_id', j.tenant_id, 'queue', 'default',
      'type', 'test.job', 'payload', '{"n": 1}'::jsonb, 'attempt', 1, 'max_attempts', 2,
      'lease_token', j.lease_token, 'timeout_ms', 500, 'traceparent', '00-ab-cd-01',
      'created_at', j.created_at, 'run_at', j.run_at)
    from tests.job('job') as j),
  'job, attempt and lease token');
select is(tests.status('job'), 'running', 'the job is running');
select is((tests.job('job')).run_id, tests.run_id(), 'under this run');
select is((tests.job('job')).started_at, jobforge.clock(), 'from now on');

select * from finish();
rollback;
