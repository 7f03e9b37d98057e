begin;
select plan(2);

select tests.freeze();
select tests.hold_job();
select tests.settle('job', 'succeeded', '{"result": 1}');
select tests.advance('2 days');
select jobforge_cleanup(tests.tenant('acme'), 1, '{succeeded}');
select is_empty($$ select from jobforge_job_attempts where tenant_id = tests.tenant('acme') $$,
  'no attempt is left');
select is_empty($$ select from jobforge_job_results where tenant_id = tests.tenant('acme') $$,
  'nor a result');

select * from finish();
rollback;
