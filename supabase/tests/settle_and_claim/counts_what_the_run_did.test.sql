begin;
select plan(2);

select tests.start_run();
select tests.fill('acme', 10);
select tests.claim(10);
select results_eq(
  'select held, claimed, settled from tests.run()', $$ values (10, 10::bigint, 0::bigint) $$,
  'ten held');
select tests.settle_all('succeeded');
select results_eq(
  'select held, claimed, settled from tests.run()', $$ values (0, 10::bigint, 10::bigint) $$,
  'ten settled');

select * from finish();
rollback;
