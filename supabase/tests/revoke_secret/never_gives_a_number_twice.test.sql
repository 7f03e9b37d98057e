begin;
select plan(2);

select jobforge_set_secret(tests.tenant('acme'), 'hook', 'one');
select jobforge_rotate_secret(tests.tenant('acme'), 'hook', 'two');
select jobforge_revoke_secret(tests.tenant('acme'), 'hook', 2);
select is((
  select max(version) from jobforge_rotate_secret(tests.tenant('acme'), 'hook', 'three')), 3,
  'after the newest was revoked');
select jobforge_revoke_secret(tests.tenant('acme'), 'hook');
select is((select version from jobforge_set_secret(tests.tenant('acme'), 'hook', 'four')), 4,
  'after all were');

select * from finish();
rollback;
