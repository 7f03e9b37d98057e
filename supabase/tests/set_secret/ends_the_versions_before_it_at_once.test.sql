begin;
select plan(3);

select jobforge_set_secret(tests.tenant('acme'), 'hook', 'secret number one');
select jobforge_rotate_secret(tests.tenant('acme'), 'hook', 'secret number two');
select results_eq(
  $$ select * from jobforge_set_secret(tests.tenant('acme'), 'hook', 'secret number three') $$,
  $$ values ('hook', 3, null::timestamptz) $$, 'one version counts');
select results_eq('select * from tests.vault_names()',
  array[format('jobforge/%s/hook/3', tests.tenant('acme'))], 'and is all that Vault has');
select tests.endpoint();
select is(tests.open('webhook-verify') -> 'secrets', '[{"value": "secret number three"}]',
  'and all that is handed out');

select * from finish();
rollback;
