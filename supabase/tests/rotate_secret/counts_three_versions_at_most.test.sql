begin;
select plan(3);

select tests.endpoint();
select jobforge_set_secret(tests.tenant('acme'), 'hook', 'secret of version 1');
select jobforge_rotate_secret(tests.tenant('acme'), 'hook', 'secret of version ' || n)
from generate_series(2, 5) as n;
select is(tests.open('webhook-verify') -> 'secrets',
  '[{"value": "secret of version 5"}, {"value": "secret of version 4"},
    {"value": "secret of version 3"}]', 'a fourth pushes the oldest out');
select bag_eq('select * from tests.vault_names()',
  format('select format(''jobforge/%%s/hook/%%s'', %L::uuid, n) from generate_series(3, 5) as n',
    tests.tenant('acme')), 'out of Vault too');
select is(
  (select count(*) from jobforge.secrets where name = 'hook'), 3::bigint, 'and out of the list');

select * from finish();
rollback;
