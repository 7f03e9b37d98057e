begin;
select plan(4);

select jobforge_set_secret(tests.tenant('acme'), 'hook-' || n, 'v')
from generate_series(1, 100) as n;
select tests.refuses($$ select jobforge_set_secret(tests.tenant('acme'), 'more', 'v') $$,
  'wrong_state', 'no more');
select lives_ok($$ select jobforge_set_secret(tests.tenant('acme'), 'hook-7', 'v') $$,
  'those there are can change');
select jobforge_revoke_secret(tests.tenant('acme'), 'hook-7');
select tests.refuses($$ select jobforge_set_secret(tests.tenant('acme'), 'more', 'v') $$,
  'wrong_state', 'a revoked name counts until it is forgotten');
select lives_ok($$ select jobforge_set_secret(tests.tenant('globex'), 'more', 'v') $$,
  'others have theirs');

select * from finish();
rollback;
