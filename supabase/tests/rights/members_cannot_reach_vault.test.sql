begin;
select plan(3);

select jobforge_set_secret(tests.tenant('acme'), 'hook', 'one');
select tests.as_member('acme');
select tests.denies('select * from vault.decrypted_secrets', 'no values');
select tests.denies('select * from vault.secrets', 'no entries');
select tests.denies($$ select vault.create_secret('x', 'y') $$, 'no way around the functions');

select * from finish();
rollback;
