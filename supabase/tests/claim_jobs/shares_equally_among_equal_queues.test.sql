begin;
select plan(2);

select tests.start_run();
select tests.fill('acme', 100);
select tests.fill('globex', 100);
select results_eq(
  'select * from tests.claim_shares(60)', $$ values ('acme', 30::bigint), ('globex', 30::bigint) $$,
  'half of one claim each');
select results_eq(
  'select * from tests.claim_shares(1, 20)',
  $$ values ('acme', 10::bigint), ('globex', 10::bigint) $$,
  'and half of twenty small claims');

select * from finish();
rollback;
