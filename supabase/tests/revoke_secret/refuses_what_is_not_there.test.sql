begin;
select plan(8);

select jobforge_set_secret(tests.tenant('acme'), 'hook', 'one'),
  jobforge_set_secret(tests.tenant('globex'), 'theirs', 'one');
select jobforge_set_secret(tests.tenant('acme'), 'revoked', 'one');
select jobforge_revoke_secret(tests.tenant('acme'), 'revoked');
select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_revoke_secret(p_name => %L, p_version => %L)', name, version),
  'not_found', concat_ws(' ', name, version))
from (values ('none', null), ('theirs', null), ('theirs', 1), ('hook', 2),
  ('revoked', null), ('revoked', 1)) as s (name, version);
select tests.refuses('select jobforge_revoke_secret()', 'invalid_argument', 'nor without a name');
select is((select count(*) from tests.vault_names()), 2::bigint, 'Vault is as it was');

select * from finish();
rollback;
