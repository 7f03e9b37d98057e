begin;
select plan(8);

select tests.refuses(format('select jobforge_cleanup(%s)', arguments), 'invalid_argument')
from unnest(array[
  $$tests.tenant('acme'), 0, '{succeeded}'$$,
  $$tests.tenant('acme'), null, '{succeeded}'$$,
  $$tests.tenant('acme'), 7, '{queued}'$$,
  $$tests.tenant('acme'), 7, '{succeeded,running}'$$,
  $$tests.tenant('acme'), 7, '{}'$$,
  $$tests.tenant('acme'), 7, null$$,
  $$null, 7, '{succeeded}'$$,
  $$tests.tenant('acme'), 7, '{succeeded}', null, null$$]) as arguments;

select * from finish();
rollback;
