begin;
select plan(1);

select tests.start_run();
select tests.fill('acme', 5000);
select tests.claim(200);
select tests.fill('globex', 1);
select results_eq(
  'select * from tests.claim_shares(2)', $$ values ('acme', 1::bigint), ('globex', 1::bigint) $$,
  'a job behind 5,000 jobs of another tenant is in the next claim');

select * from finish();
rollback;
