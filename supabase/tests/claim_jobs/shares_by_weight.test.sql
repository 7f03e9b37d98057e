begin;
select plan(3);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"weight": 1}');
select jobforge_configure_queue(tests.tenant('globex'), 'default', '{"weight": 3}');
select tests.start_run();
select tests.fill('acme', 400);
select tests.fill('globex', 400);
select results_eq(
  'select * from tests.claim_shares(100)',
  $$ values ('acme', 25::bigint), ('globex', 75::bigint) $$,
  'weights 1 and 3 share one claim 25 to 75');
select results_eq(
  'select * from tests.claim_shares(4, 25)',
  $$ values ('acme', 25::bigint), ('globex', 75::bigint) $$,
  'and twenty-five claims of four');
select results_eq(
  'select * from tests.claim_shares(1, 100)',
  $$ values ('acme', 25::bigint), ('globex', 75::bigint) $$,
  'and a hundred claims of one');

select * from finish();
rollback;
