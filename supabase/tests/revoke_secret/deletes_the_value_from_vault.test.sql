begin;
select plan(5);

select tests.endpoint();
select jobforge_set_secret(tests.tenant('acme'), 'hook', 'secret number one');
select jobforge_rotate_secret(tests.tenant('acme'), 'hook', 'secret number two');
select results_eq(
  $$ select name, version from jobforge_revoke_secret(tests.tenant('acme'), 'hook', 2) $$,
  $$ values ('hook', 1) $$, 'the other version still counts');
select results_eq('select * from tests.vault_names()',
  array[format('jobforge/%s/hook/1', tests.tenant('acme'))], 'and is still in Vault');
select is_empty(
  $$ select * from jobforge_revoke_secret(tests.tenant('acme'), 'hook') $$, 'all: none counts');
select is_empty('select * from tests.vault_names()', 'none is in Vault');
select is(tests.open('webhook-verify') -> 'secrets', '[]', 'none is handed out');

select * from finish();
rollback;
