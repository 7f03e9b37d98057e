begin;
select plan(2);

select jobforge_set_secret(tests.tenant('globex'), 'hook', 'of globex'),
  jobforge_set_secret(tests.tenant('acme'), 'gone', 'deleted in Vault');
delete from vault.secrets where name = format('jobforge/%s/gone/1', tests.tenant('acme'));
select tests.endpoint(p_refs => array['vault:hook', 'vault:gone', tests.env_ref('HOOK')]);
select is(tests.open('webhook-verify') -> 'secrets',
  jsonb_build_array(jsonb_build_object('ref', tests.env_ref('HOOK'))),
  'a secret never set, one of another tenant, one deleted by hand');
select is_empty(
  $$ select from vault.decrypted_secrets where decrypted_secret = 'deleted in Vault' $$,
  'indeed gone');

select * from finish();
rollback;
