begin;
select plan(1);

select tests.freeze();
select jobforge_set_secret(tests.tenant('acme'), 'hook', 'one');
select jobforge_rotate_secret(tests.tenant('acme'), 'hook', 'two', 60);
select tests.advance('1 hour');
select jobforge_revoke_secret(tests.tenant('acme'), 'hook');
select is_empty('select * from tests.vault_names()', 'nothing waits for maintenance');

select * from finish();
rollback;
