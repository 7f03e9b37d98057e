begin;
select plan(8);

select tests.unused_project();

select tests.refuses(call, 'invalid_argument')
from unnest(array[$$select jobforge_configure_retention(0, 1)$$,
  $$select jobforge_configure_retention(1, 0)$$,
  $$select jobforge_configure_retention(36501, 1)$$,
  $$select jobforge_configure_retention(1, 36501)$$]) as call;
select is(
  jobforge_configure_retention(7, null), '{"succeeded_days": 7, "unsuccessful_days": null}',
  'null keeps them');
select is(jobforge_configure_retention(1, 36500),
  '{"succeeded_days": 1, "unsuccessful_days": 36500}', 'a day, or a hundred years');
select is(jobforge_configure_retention(36500, 1),
  '{"succeeded_days": 36500, "unsuccessful_days": 1}', 'of each kind');
select results_eq($$ select detail -> 'before' ->> 'succeeded_days',
    detail -> 'after' ->> 'succeeded_days' from jobforge_audit_log
  where action = 'configure_retention' order by id $$,
  $$ values ('30', '7'), ('7', '1'), ('1', '36500') $$, 'each change is audited');

select * from finish();
rollback;
