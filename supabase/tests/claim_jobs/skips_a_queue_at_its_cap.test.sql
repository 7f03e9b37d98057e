begin;
select plan(1);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 2}');
select tests.start_run();
select tests.fill('acme', 100);
select tests.fill('globex', 10);
select results_eq(
  'select * from tests.claim_shares(12)', $$ values ('acme', 2::bigint), ('globex', 10::bigint) $$,
  'the cap leaves the rest of the claim to others');

select * from finish();
rollback;
