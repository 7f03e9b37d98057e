begin;
select plan(1);

select tests.fill(tenant, 1) from unnest('{acme,globex,initech}'::text[]) as tenant;
select tests.as_member('acme', 'globex');
select bag_eq(
  'select tests.tenant_name(tenant_id) from jobforge_jobs', array['acme', 'globex'],
  'and no third');

select * from finish();
rollback;
