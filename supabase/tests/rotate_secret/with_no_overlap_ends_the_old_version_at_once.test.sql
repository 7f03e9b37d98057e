begin;
select plan(2);

select tests.freeze();
select jobforge_set_secret(tests.tenant('acme'), 'hook', 'one');
select results_eq(
  $$ select * from jobforge_rotate_secret(tests.tenant('acme'), 'hook', 'two', 0) $$,
  $$ values ('hook', 2, null::timestamptz) $$, 'one version counts');
select is((select count(*) from tests.vault_names()), 1::bigint, 'and Vault has one');

select * from finish();
rollback;
