begin;
select plan(4);

select tests.refuses(call, 'invalid_argument')
from unnest(array[$$select jobforge_configure_retention(0, 1)$$,
  $$select jobforge_configure_retention(1, 0)$$,
  $$select jobforge_configure_retention(36501, 1)$$]) as call;
select is(
  jobforge_configure_retention(7, null), '{"succeeded_days": 7, "unsuccessful_days": null}',
  'null keeps them');

select * from finish();
rollback;
