begin;
select plan(3);

select tests.endpoint();
select jobforge_set_secret(tests.tenant('acme'), 'hook', '1');
select jobforge_rotate_secret(tests.tenant('acme'), 'hook', n::text)
from generate_series(2, 5) as n;
select is(tests.open('webhook-verify') -> 'secrets',
  '[{"value": "5"}, {"value": "4"}, {"value": "3"}]', 'a fourth pushes the oldest out');
select bag_eq('select * from tests.vault_names()',
  format('select format(''jobforge/%%s/hook/%%s'', %L::uuid, n) from generate_series(3, 5) as n',
    tests.tenant('acme')), 'out of Vault too');
select is(
  (select count(*) from jobforge.secrets where name = 'hook'), 3::bigint, 'and out of the list');

select * from finish();
rollback;
