begin;
select plan(3);

select tests.refuses(call, 'invalid_argument')
from unnest(array['select jobforge_erase_tenant(null)',
  $$select jobforge_erase_tenant(tests.tenant('acme'), 0)$$,
  $$select jobforge_erase_tenant(tests.tenant('acme'), null)$$]) as call;

select * from finish();
rollback;
