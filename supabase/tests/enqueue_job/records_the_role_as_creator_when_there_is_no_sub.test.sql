begin;
select plan(1);

select tests.as_service();
select jobforge_enqueue_job(tests.tenant('acme'), 'test.job');
select is(
  (select created_by from jobforge_jobs where tenant_id = tests.tenant('acme')), 'service_role',
  'created_by is the role');

select * from finish();
rollback;
