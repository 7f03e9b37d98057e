begin;
select plan(2);

select tests.fill(tenant, 1) from unnest('{acme,globex,initech}'::text[]) as tenant;
select tests.as_member('acme', 'globex');
select bag_eq(
  'select tests.tenant_name(tenant_id) from jobforge_list_queues()', array['acme', 'globex'],
  'both of a member of two');
select results_eq(
  $$ select tests.tenant_name(tenant_id) from jobforge_list_queues(tests.tenant('globex')) $$,
  array['globex'], 'or the one it names');

select * from finish();
rollback;
