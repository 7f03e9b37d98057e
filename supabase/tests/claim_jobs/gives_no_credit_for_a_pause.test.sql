begin;
select plan(1);

select tests.start_run();
select tests.fill('globex', 100);
select jobforge_configure_queue(tests.tenant('globex'), 'default', '{"paused": true}');
select tests.fill('acme', 1000);
select tests.claim(500);
select jobforge_configure_queue(tests.tenant('globex'), 'default', '{"paused": false}');
select results_eq(
  'select * from tests.claim_shares(100)',
  $$ values ('acme', 50::bigint), ('globex', 50::bigint) $$,
  'a queue that was paused while others ran 500 jobs gets half, not more');

select * from finish();
rollback;
