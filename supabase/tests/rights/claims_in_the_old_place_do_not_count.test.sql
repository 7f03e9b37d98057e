begin;
select plan(2);

select tests.fill('acme', 1);
select tests.as_stranger();
select set_config('request.jwt.claim.role', 'service_role', true);
select set_config('request.jwt.claim.app_metadata',
  format('{"tenant_id": "%s"}', tests.tenant('acme')), true);
select is_empty('select * from jobforge_jobs', 'no row is seen');
select tests.refuses(
  $$ select jobforge_enqueue_job(tests.tenant('acme'), 'test.job') $$, 'forbidden',
  'no job is accepted');

select * from finish();
rollback;
