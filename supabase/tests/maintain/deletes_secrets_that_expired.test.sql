begin;
select plan(3);

select tests.freeze();
select jobforge_set_secret(tests.tenant(tenant), 'hook', 'one'),
  jobforge_rotate_secret(tests.tenant(tenant), 'hook', 'two', seconds)
from (values ('acme', 60), ('globex', 7200)) as s (tenant, seconds);
select tests.advance('1 hour');
select tests.maintain();
select bag_eq(
  $$ select tests.tenant_name(tenant_id), version from jobforge.secrets where name = 'hook' $$,
  $$ values ('acme', 2), ('globex', 1), ('globex', 2) $$, 'and no others');
select is((select count(*) from tests.vault_names()), 3::bigint, 'in Vault as well');
select jobforge_revoke_secret(tests.tenant('acme'), 'hook');
select tests.advance('31 days');
select tests.maintain();
select is(
  (select count(*) from jobforge.secrets where tenant_id = tests.tenant('acme')), 0::bigint,
  'a name is forgotten a month after its last version');

select * from finish();
rollback;
