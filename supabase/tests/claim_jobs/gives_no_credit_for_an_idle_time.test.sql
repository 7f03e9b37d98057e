begin;
select plan(1);

select tests.start_run();
select tests.fill('globex', 1);
select tests.claim(1);
select tests.fill('acme', 1000);
select tests.claim(500);
select tests.fill('globex', 100);
select results_eq(
  'select * from tests.claim_shares(100)',
  $$ values ('acme', 50::bigint), ('globex', 50::bigint) $$,
  'who had no work while others ran 500 jobs gets half, not more');

select * from finish();
rollback;
