begin;
select plan(2);

select tests.freeze();
select tests.start_run();
select jobforge_configure_queue(
  tests.tenant('acme'), 'default', '{"rate_limit": 1, "rate_period_ms": 60000}');
select tests.fill('acme', 5);
select is((select count(*) from tests.claim(9)), 1::bigint, 'one a minute');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"weight": 2}');
select is((select count(*) from tests.claim(9)), 0::bigint, 'another weight is no reason for more');

select * from finish();
rollback;
