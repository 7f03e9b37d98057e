begin;
select plan(1);

select tests.fill(tenant, 1) from unnest('{acme,globex}'::text[]) as tenant;
select tests.as_service();
select bag_eq(
  $$ select tests.tenant_name(tenant_id) from jobforge_jobs where type = 'test.job' $$,
  array['acme', 'globex'],
  'a secret key is not bound to a tenant');

select * from finish();
rollback;
