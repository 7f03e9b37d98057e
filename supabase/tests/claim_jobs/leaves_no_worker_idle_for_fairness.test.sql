begin;
select plan(1);

select tests.start_run();
select tests.fill('acme', 100);
select tests.fill('globex', 3);
select results_eq(
  'select * from tests.claim_shares(50)', $$ values ('acme', 47::bigint), ('globex', 3::bigint) $$,
  'what one queue cannot use goes to the other');

select * from finish();
rollback;
