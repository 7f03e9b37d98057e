begin;
select plan(1);

select jobforge_configure_queue(
  tests.tenant('acme'), 'default', '{"rate_limit": 1, "rate_burst": 2}');
select tests.freeze();
select tests.start_run();
select tests.fill('acme', 100);
select tests.fill('globex', 10);
select results_eq(
  'select * from tests.claim_shares(12)', $$ values ('acme', 2::bigint), ('globex', 10::bigint) $$,
  'the rate leaves the rest of the claim to others');

select * from finish();
rollback;
