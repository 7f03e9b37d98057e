begin;
select plan(2);

select jobforge_set_secret(tests.tenant('acme'), 'hook', 'the secret of acme'),
  jobforge_set_secret(tests.tenant('acme'), 'other', 'another secret of acme'),
  jobforge_set_secret(tests.tenant('globex'), 'hook', 'the secret of globex');
select tests.endpoint(tenant) from unnest('{acme,globex}'::text[]) as tenant;
select is(tests.open('webhook-verify', p_tenant => tenant) -> 'secrets',
  jsonb_build_array(jsonb_build_object('value', 'the secret of ' || tenant)), tenant)
from unnest('{acme,globex}'::text[]) as tenant;

select * from finish();
rollback;
