begin;
select plan(1);

select tests.hold_job();
select tests.settle('job', 'succeeded', '{"result": {"sent": 3}}');
select results_eq(
  'select tenant_id, job_id, result from jobforge_job_results',
  $$ values (tests.tenant('acme'), tests.id('job'), '{"sent": 3}'::jsonb) $$,
  'what the handler returned can be read');

select * from finish();
rollback;
